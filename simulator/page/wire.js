// The control API, and small ways to make elements.

export async function ask(path, wish) {
  const answer = await fetch(path, wish === undefined ? {} : { method: "POST", body: JSON.stringify(wish) });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error);
  return body;
}

export function make(tag, properties = {}, ...children) {
  const { data = {}, ...plain } = properties;
  const element = Object.assign(document.createElement(tag), plain);
  Object.assign(element.dataset, data);
  element.append(...children);
  return element;
}

export async function base64(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let start = 0; start < bytes.length; start += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  }
  return btoa(text);
}
