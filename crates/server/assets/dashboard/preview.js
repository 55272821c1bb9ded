// Connect page settings: colours and theme show in the preview before they are saved.

const SURFACE = { light: [255, 255, 255], dark: [23, 26, 29] };
const ENOUGH = 3;

export function preview() {
  const form = document.querySelector("form[data-preview]");
  if (!form) return;
  const frame = document.querySelector("[data-preview-frame]");
  for (const picker of form.querySelectorAll("[data-colour-for]")) {
    const text = form.elements[picker.dataset.colourFor];
    picker.hidden = false;
    picker.addEventListener("input", () => {
      text.value = picker.value;
      text.dispatchEvent(new Event("input", { bubbles: true }));
    });
    text.addEventListener("input", () => {
      const rgb = resolve(text.value);
      if (rgb) picker.value = hex(rgb);
      advise(text, rgb);
    });
  }
  const send = () => {
    const value = (name) => form.elements[name].value;
    frame.contentWindow?.postMessage(
      {
        type: "settings_changed",
        payload: {
          showWatermark: form.elements.show_watermark.checked,
          defaultTheme: value("default_theme"),
          theme: { light: { primary: value("light_primary") }, dark: { primary: value("dark_primary") } },
        },
      },
      location.origin,
    );
  };
  form.addEventListener("input", send);
  form.addEventListener("change", send);
  // The frame may have loaded before this script: then it hears of the colours now, else when it says that it is ready.
  window.addEventListener("message", ({ source, data }) => {
    if (source === frame.contentWindow && data?.type === "ready") send();
  });
  send();
}

function resolve(text) {
  if (!CSS.supports("color", text.trim())) return null;
  const context = document.createElement("canvas").getContext("2d");
  context.fillStyle = text.trim();
  context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

function hex(rgb) {
  return "#" + rgb.map((part) => part.toString(16).padStart(2, "0")).join("");
}

function luminance(rgb) {
  const [r, g, b] = rgb.map((part) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function advise(input, rgb) {
  const place = document.getElementById(`${input.id}-contrast`);
  if (!rgb) {
    place.textContent = "This is not a CSS colour.";
    place.className = "small contrast bad";
    return;
  }
  const surface = SURFACE[input.dataset.contrast];
  const [a, b] = [luminance(rgb), luminance(surface)].sort((x, y) => y - x);
  const ratio = (a + 0.05) / (b + 0.05);
  const enough = ratio >= ENOUGH;
  const shown = ratio.toFixed(1);
  place.textContent = enough
    ? `Contrast with the page ${shown}:1.`
    : `Contrast with the page is ${shown}:1, below 3:1. The button is hard to see; choose a ${input.dataset.contrast === "light" ? "darker" : "lighter"} colour.`;
  place.className = `small contrast ${enough ? "good" : "warn"}`;
}
