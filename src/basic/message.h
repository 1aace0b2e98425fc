/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Messages in the language of the host, for the rooms without GLib; those with it have gi18n-lib.h. */

/**
 * message_locale:
 * @prepare: (nullable): what sets the process's locale, called once, when the first message is about to
 *   be made: nearly every start of the launcher ends without any. NULL, as at the start: it is set
 *   already.
 */
void message_locale(void (*prepare)(void));

/** message: the catalogue's text for @id. */
const char *message(const char *id) __attribute__((format_arg(1)));

#define _(id) message(id)
