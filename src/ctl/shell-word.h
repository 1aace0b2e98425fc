/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Names and paths in commands that a person is to paste. */

#include <glib.h>

/** shell_word: Returns: (transfer full): @text as one word for a shell, in quotes only where it takes them */
char *shell_word(const char *text);
