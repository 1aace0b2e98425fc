/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/report.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

static const char *program = "virt-aa-helper";

void
report_init(const char *argv0)
{
    const char *slash = argv0 ? strrchr(argv0, '/') : NULL;

    if (argv0)
        program = slash ? slash + 1 : argv0;
}

const char *
report_program(void)
{
    return program;
}

/* One message is one line, whatever a path in it holds. */
static char *
one_line(const char *message)
{
    GString *line = g_string_new(NULL);

    for (const char *p = message; *p; p++) {
        unsigned char c = (unsigned char)*p;
        gsize plain = 1;

        if (c < 0x20 || c == 0x7f) {
            g_string_append_printf(line, "\\%03o", c);
            continue;
        }
        while ((unsigned char)p[plain] >= 0x20 && p[plain] != 0x7f)
            plain++;
        g_string_append_len(line, p, (gssize)plain);
        p += plain - 1;
    }
    return g_string_free(line, FALSE);
}

void
report_error(const char *message)
{
    g_autofree char *line = one_line(message);

    fprintf(stderr, _("%s: error: %s\n"), program, line);
}

void
report_warning(const char *message)
{
    g_autofree char *line = one_line(message);

    fprintf(stderr, _("%s: warning: %s\n"), program, line);
}

void
report_warnings(GPtrArray *messages)
{
    for (guint i = 0; i < messages->len; i++)
        report_warning(g_ptr_array_index(messages, i));
}

void
report_text(const char *text)
{
    fprintf(stderr, "%s:\n%s\n", program, text);
}
