/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/words.h"

#include <string.h>

#include "basic/escape.h"

char *
words_escape(const char *text)
{
    gsize size = ESCAPE_BYTES(strlen(text));
    char *line = g_malloc(size);

    escape_line(text, line, size);
    return line;
}

char *
words_quote(const char *text)
{
    g_autofree char *line = words_escape(text);

    if (strcmp(line, text) != 0)
        return NULL;
    /* as it is where no shell sees more in it, for the eye */
    if (*text && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              "/._-+:@%,") == strlen(text))
        return g_strdup(text);
    return g_shell_quote(text);
}

char *
words_domain(const char *name, const char *uuid)
{
    char *quoted = name && *name != '-' ? words_quote(name) : NULL;

    return quoted ? quoted : g_strdup(uuid);
}
