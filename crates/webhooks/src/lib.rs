//! Deliveries to the product.
