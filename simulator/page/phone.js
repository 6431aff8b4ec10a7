// One resident's phone: shows the chat, sends what the resident does.

import { bubble } from "/page/messages.js";
import { ask, base64, make } from "/page/wire.js";

const PLACES = {
  "Wildemanbuurt": [52.3601, 4.7936], "Osdorpplein": [52.3583, 4.8046], "Sloterplas": [52.3655, 4.8165],
  "August Allebéplein": [52.3643, 4.8386], "Plein '40-'45": [52.3788, 4.8241], "Lambertus Zijlplein": [52.3798, 4.7965],
  "Station Lelylaan": [52.3578, 4.8340], "Nieuw Sloten": [52.3437, 4.8178], "De Aker": [52.3447, 4.7790],
};

export class Phone {
  constructor(resident, language) {
    this.id = resident.id;
    this.root = document.getElementById("phone").content.firstElementChild.cloneNode(true);
    this.root.dataset.resident = resident.id;
    this.root.setAttribute("aria-label", `Phone of ${resident.first_name}`);
    this.shown = new Map();
    this.toasts = null;
    this.find(".avatar").textContent = [...resident.first_name][0];
    this.find(".owner").textContent = `${resident.first_name} · ${language}`;
    this.listen();
    this.stayAtEnd();
  }

  // The newest message stays in sight, also when a keyboard or a sheet takes room, until somebody scrolls up.
  stayAtEnd() {
    const log = this.find(".log");
    this.atEnd = true;
    let former = 0;
    log.addEventListener("scroll", () => {
      const near = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
      this.atEnd = near || (this.atEnd && log.scrollTop >= former);
      former = log.scrollTop;
    });
    new ResizeObserver(() => this.scroll()).observe(log);
  }

  scroll() {
    if (this.atEnd) this.find(".log").scrollTop = this.find(".log").scrollHeight;
  }

  find(selector) { return this.root.querySelector(selector); }
  form(action) { return this.find(`form[data-action="${action}"]`); }
  button(action) { return this.find(`button[data-action="${action}"]`); }

  async act(kind, wish = {}) {
    try {
      await ask(`/sim/residents/${this.id}/actions`, { kind, ...wish });
    } catch (error) {
      this.toast(error.message);
    }
  }

  listen() {
    const text = this.form("send").elements.text;
    this.on("send", () => {
      if (text.value.trim()) this.act("text", { text: text.value });
      text.value = "";
      text.style.height = "";
    });
    text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.form("send").requestSubmit();
      }
    });
    text.addEventListener("input", () => { text.style.height = ""; text.style.height = `${text.scrollHeight}px`; });
    this.on("start", (fields) => this.act("start", { payload: fields.payload.value }));
    this.button("begin").onclick = () => this.act("start");
    this.button("block").onclick = () => this.act("block");
    this.button("unblock").onclick = () => this.act("unblock");
    this.toggle("settings", ".settings");
    this.toggle("menu", ".menu", () => this.refresh());
    this.toggle("attach", ".attachments");
    this.attachments();
    this.find(".log").addEventListener("click", (event) => {
      const command = event.target.closest("[data-command]");
      if (command) { event.preventDefault(); this.act("text", { text: command.dataset.command }); }
    });
  }

  on(action, deed) {
    this.form(action).addEventListener("submit", async (event) => {
      event.preventDefault();
      await deed(event.target.elements);
      if (action !== "send") this.closeSheets();
    });
  }

  toggle(action, selector, opened = () => {}) {
    this.button(action).onclick = () => {
      const open = this.find(selector).hidden;
      this.closeSheets();
      this.find(selector).hidden = !open;
      this.button(action).ariaExpanded = String(open);
      if (open) opened();
    };
  }

  closeSheets() {
    for (const sheet of this.root.querySelectorAll(".sheet, .settings")) sheet.hidden = true;
    for (const opener of this.root.querySelectorAll("[aria-expanded]")) opener.ariaExpanded = "false";
  }

  attachments() {
    this.on("photo", async ({ file, caption }) => {
      const photos = await Promise.all([...file.files].map(base64));
      if (photos.length > 1) return this.act("album", { photos });
      return this.act("photo", { data_base64: photos[0], caption: caption.value });
    });
    this.on("voice", async ({ file, seconds }) => {
      const data = file.files[0] ? await base64(file.files[0]) : undefined;
      return this.act("voice", { seconds: Number(seconds.value), data_base64: data });
    });
    this.on("contact", ({ phone }) => this.act("contact", { phone: phone.value }));
    this.on("document", async ({ file }) => this.act("document", { name: file.files[0].name, data_base64: await base64(file.files[0]) }));
    const { place, latitude, longitude } = this.form("location").elements;
    place.append(...Object.keys(PLACES).map((name) => make("option", { textContent: name })));
    place.onchange = () => { [latitude.value, longitude.value] = PLACES[place.value]; };
    place.onchange();
    this.on("location", () => this.act("location", { latitude: Number(latitude.value), longitude: Number(longitude.value) }));
  }

  async refresh() {
    this.show(await ask(`/sim/residents/${this.id}/chat`));
  }

  show(chat) {
    this.messages(chat.messages);
    this.find(".typing").hidden = !chat.typing;
    clearTimeout(this.typing);
    if (chat.typing) this.typing = setTimeout(() => this.refresh(), 5200);
    this.find(".composer").hidden = !chat.started || chat.blocked;
    this.button("begin").hidden = chat.started && !chat.blocked;
    this.button("block").hidden = chat.blocked;
    this.button("unblock").hidden = !chat.blocked;
    this.find(".with").textContent = chat.blocked ? "has blocked the bot" : chat.bot_name ?? "no bot yet";
    this.news(chat.toasts);
    this.keyboard(chat.blocked ? [] : chat.reply_keyboard ?? []);
    this.commands(chat.commands ?? []);
  }

  messages(messages) {
    const log = this.find(".log");
    const seen = new Set();
    for (const message of messages.filter((each) => !each.deleted)) {
      seen.add(message.message_id);
      const former = this.shown.get(message.message_id);
      const words = JSON.stringify(message);
      if (former?.words === words) continue;
      const element = bubble(message, {
        press: (id, data) => this.act("press", { message_id: id, data }),
        remove: () => this.act("delete", { message_id: message.message_id }),
      });
      if (former) former.element.replaceWith(element); else log.append(element);
      this.shown.set(message.message_id, { words, element });
    }
    for (const [id, { element }] of this.shown) {
      if (!seen.has(id)) { element.remove(); this.shown.delete(id); }
    }
    this.scroll();
  }

  news(toasts) {
    const count = toasts.at(-1)?.n ?? 0;
    const fresh = this.toasts === null ? [] : toasts.filter((toast) => toast.n > this.toasts);
    this.toasts = count;
    for (const { text, alert } of fresh) alert ? this.alert(text) : this.toast(text);
  }

  toast(text) {
    const box = make("div", { textContent: text, dir: "auto" });
    this.find(".toasts").append(box);
    setTimeout(() => box.remove(), 4000);
  }

  alert(text) {
    const dialog = this.find(".alert");
    dialog.querySelector("p").textContent = text;
    if (!dialog.open) dialog.showModal();
  }

  keyboard(rows) {
    const words = JSON.stringify(rows);
    if (words === this.keys) return;
    this.keys = words;
    const board = this.find(".keyboard");
    board.hidden = rows.length === 0;
    board.replaceChildren(...rows.map((row) => make("div", {}, ...row.map((key) => make("button", {
      textContent: key.text, dir: "auto", data: { action: "key" }, onclick: () => this.key(key),
    })))));
  }

  key({ text, request_location, request_contact }) {
    if (request_location || request_contact) return this.button("attach").click();
    return this.act("text", { text });
  }

  commands(commands) {
    this.button("menu").hidden = commands.length === 0;
    this.find(".menu").replaceChildren(...commands.map(({ command, description }) => make("button", {
      type: "button", data: { action: "command", command },
      onclick: () => { this.closeSheets(); this.act("text", { text: `/${command}` }); },
    }, make("span", { className: "what", dir: "auto", textContent: description }), make("span", { className: "name", textContent: `/${command}` }))));
  }
}
