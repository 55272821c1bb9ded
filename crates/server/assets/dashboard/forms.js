// Forms: busy buttons, typed confirmations, questions, parts of a page swapped in place.
import { toast } from "./toast.js";

export function forms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.ask && !form.dataset.sure) {
      event.preventDefault();
      ask(form);
      return;
    }
    if (form.dataset.swap) {
      event.preventDefault();
      swap(form);
      return;
    }
    if (form.target === "_blank") return;
    const button = event.submitter;
    if (!button || form.method === "get") return;
    // After this turn, so that the button's own name and value are still sent.
    setTimeout(() => {
      button.setAttribute("aria-busy", "true");
      button.disabled = true;
    });
  });
  // A page that comes back from the history is not busy any more.
  addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll("button[aria-busy]")) {
      button.removeAttribute("aria-busy");
      button.disabled = false;
    }
  });
  for (const form of document.querySelectorAll("form[data-confirm]")) {
    const input = form.querySelector("input[name=confirm]");
    const button = form.querySelector("button");
    const update = () => (button.disabled = input.value.trim() !== form.dataset.confirm);
    input.addEventListener("input", update);
    update();
  }
  for (const part of document.querySelectorAll("[data-when]")) {
    const conditions = part.dataset.when.split("&").map((condition) => condition.split("="));
    const form = part.closest("form");
    const update = () => {
      part.hidden = !conditions.every(([name, value]) => form.elements[name].value === value);
    };
    form.addEventListener("change", update);
    update();
  }
  for (const list of document.querySelectorAll("[data-pairs]")) growing(list);
}

// The last empty pair becomes two when it is filled.
function growing(list) {
  list.addEventListener("input", () => {
    const last = list.lastElementChild;
    if (list.children.length >= 10 || ![...last.querySelectorAll("input")].some((input) => input.value)) return;
    const next = last.cloneNode(true);
    const number = list.children.length + 1;
    for (const input of next.querySelectorAll("input")) {
      input.value = "";
      input.setAttribute("aria-label", input.getAttribute("aria-label").replace(/\d+/, number));
    }
    list.append(next);
  });
}

function ask(form) {
  const submit = form.querySelector("button");
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.setAttribute("aria-labelledby", "ask-title");
  const body = document.createElement("div");
  body.className = "body";
  const title = document.createElement("h2");
  title.id = "ask-title";
  const [question, ...rest] = form.dataset.ask.split(/(?<=\?) /);
  title.textContent = question;
  const text = document.createElement("p");
  text.className = "muted";
  text.textContent = rest.join(" ");
  body.append(title, text);
  const foot = document.createElement("footer");
  const cancel = make("Cancel", "button");
  const go = make(submit.textContent.trim(), "button danger");
  cancel.addEventListener("click", () => dialog.close());
  go.addEventListener("click", () => {
    form.dataset.sure = "yes";
    dialog.close();
    form.requestSubmit(submit);
  });
  dialog.addEventListener("close", () => dialog.remove());
  foot.append(cancel, go);
  dialog.append(body, foot);
  document.body.append(dialog);
  dialog.showModal();
}

function make(text, className) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = className;
  button.textContent = text;
  return button;
}

async function swap(form) {
  const id = form.dataset.swap;
  const button = form.querySelector("button");
  button.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { accept: "text/html" },
    });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const part = page.getElementById(id);
    if (!response.ok || !part) {
      toast(page.querySelector(".notice.bad, main h1")?.textContent.trim() ?? `The server answered ${response.status}.`, "bad");
      button.removeAttribute("aria-busy");
      return;
    }
    document.getElementById(id).replaceWith(document.adoptNode(part));
    part.tabIndex = -1;
    part.focus({ preventScroll: true });
  } catch {
    toast("The server cannot be reached.", "bad");
    button.removeAttribute("aria-busy");
  }
}
