"""A local Telegram: the Bot API over HTTP, residents with phones, and a page to hold them."""
