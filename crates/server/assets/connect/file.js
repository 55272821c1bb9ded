// A key or certificate that lies in a file: read on this device, only its text goes into the field. Pure.

/** Largest file that is read, in bytes: a certificate chain is a tenth of it. */
export const MAX_FILE_BYTES = 64 * 1024;

/** What file pickers offer first; anything may be dropped. */
export const FILE_KINDS = ".pem,.key,.p8,.crt,.cer,.pub,.json,.jwk,.txt";

/** `{text}` of a file's bytes, or `{error}`, a key of the catalogue of texts. */
export function textOf(bytes) {
  if (bytes.byteLength > MAX_FILE_BYTES) return { error: "error.file_large" };
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return { error: "error.file_text" };
  }
  if (text.includes("\0") || text.trim() === "") return { error: "error.file_text" };
  return { text: keyIn(text) };
}

/** Downloaded JSON keys of service accounts carry the key as one of their values. */
function keyIn(text) {
  try {
    const key = JSON.parse(text)?.private_key;
    return typeof key === "string" && key !== "" ? key : text;
  } catch {
    return text;
  }
}
