// One message as a bubble: words, photo, voice, place, file; and the buttons under it.

import { make } from "/page/wire.js";

export function bubble(message, { press, remove }) {
  const whole = make("article", { className: `message ${message.from}`, data: { message: message.message_id } });
  const box = make("div", { className: "bubble" }, ...attachments(message));
  if (message.html) box.append(make("div", { className: "words", dir: "auto", innerHTML: message.html }));
  box.append(foot(message, remove));
  whole.append(box);
  if (message.buttons?.length) {
    whole.classList.add("buttoned");
    whole.append(make("div", { className: "rows" }, ...message.buttons.map((row) => buttonRow(message, row, press))));
  }
  return whole;
}

function attachments(message) {
  const found = [];
  if (message.photo) found.push(make("img", { src: message.photo.url, alt: "Photo", width: message.photo.width, height: message.photo.height }));
  if (message.voice) found.push(make("audio", { src: message.voice.url, controls: true, preload: "none" }), line(`🎤 ${message.voice.duration} s`));
  if (message.document) {
    found.push(make("a", { href: message.document.url, download: message.document.file_name, textContent: `📄 ${message.document.file_name}` }));
  }
  const place = message.venue?.location ?? message.location;
  if (place) found.push(line(`📍 ${message.venue ? `${message.venue.title}, ${message.venue.address}, ` : ""}${place.latitude}, ${place.longitude}`));
  if (message.contact) found.push(line(`👤 ${message.contact.first_name} ${message.contact.phone_number}`));
  if (message.sticker) found.push(line(message.sticker.emoji));
  return found;
}

function line(text) {
  return make("div", { className: "words", dir: "auto", textContent: text });
}

function foot(message, remove) {
  const time = new Date(message.date * 1000).toLocaleTimeString("nl", { hour: "2-digit", minute: "2-digit" });
  const when = make("div", { className: "when" }, message.edited ? "edited " : "", time);
  when.prepend(make("button", { ariaLabel: "Delete this message", textContent: "✕", data: { action: "delete" }, onclick: remove }));
  return when;
}

function buttonRow(message, row, press) {
  return make("div", {}, ...row.map((button) => {
    if (button.url) {
      return make("a", { href: button.url, target: "_blank", rel: "noopener noreferrer", textContent: `${button.text} ↗`, dir: "auto" });
    }
    const element = make("button", { textContent: button.text, dir: "auto", data: { action: "press", data: button.data ?? "" } });
    element.onclick = () => {
      element.classList.add("pressed");
      setTimeout(() => element.classList.remove("pressed"), 1500);
      press(message.message_id, button.data);
    };
    return element;
  }));
}
