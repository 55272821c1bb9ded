// A key that lies in a file: chosen or dropped, read here, and only its text goes into the form.
import { FILE_KINDS, MAX_FILE_BYTES, textOf } from "../connect/file.js";
import { toast } from "./toast.js";

const REFUSALS = {
  "error.file_large": "This file is too large to be a key. Choose the file that holds only the key.",
  "error.file_text": "This file is not text. Choose the key in PEM form: it begins with -----BEGIN.",
};

export function keyFiles() {
  for (const area of document.querySelectorAll("textarea[data-file]")) {
    const take = async (file) => {
      if (!file) return;
      const { text, error } = textOf(await file.slice(0, MAX_FILE_BYTES + 1).arrayBuffer());
      if (error) return toast(REFUSALS[error], "bad");
      area.value = text;
      area.focus();
    };
    const input = document.createElement("input");
    Object.assign(input, { type: "file", accept: FILE_KINDS, hidden: true });
    input.addEventListener("change", async () => {
      await take(input.files[0]);
      input.value = "";
    });
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "button small", textContent: "Choose a file" });
    button.addEventListener("click", () => input.click());
    const line = document.createElement("div");
    line.className = "row small muted";
    line.append(input, button, "or drop it on the field. It is read by your browser.");
    area.parentElement.after(line);
    area.addEventListener("dragover", (event) => event.dataTransfer.types.includes("Files") && event.preventDefault());
    area.addEventListener("drop", (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      take(event.dataTransfer.files[0]);
    });
  }
}
