//! Provider definitions, their template language, field rules and guides.
