/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/shell-word.h"

#include <string.h>

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+-"

char *
shell_word(const char *text)
{
    return *text && text[strspn(text, PLAIN)] == '\0' ? g_strdup(text) : g_shell_quote(text);
}
