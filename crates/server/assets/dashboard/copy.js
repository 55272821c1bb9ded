// Copy buttons: [data-copy] holds the text.
import { toast } from "./toast.js";

const MARKED_MS = 1200;

export function copying() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      const what = (button.getAttribute("aria-label") ?? "Copy text").replace(/^Copy /, "");
      toast(`Copied: ${what}`);
      button.classList.add("done");
      setTimeout(() => button.classList.remove("done"), MARKED_MS);
    } catch {
      toast("The browser did not allow copying. Select the text and copy it.", "bad");
    }
  });
}
