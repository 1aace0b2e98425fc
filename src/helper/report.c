/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/report.h"

#include <glib/gi18n-lib.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "basic/escape.h"

static const char *program = "virt-aa-helper";
static gboolean is_verbose;

/* "LEVEL:DESTINATION…", of which 1 is debug. */
static gboolean
wants_debug(const char *log_outputs)
{
    g_auto(GStrv) outputs = g_strsplit(log_outputs, " ", -1);

    for (char **output = outputs; *output; output++)
        if (g_str_has_prefix(*output, "1:"))
            return TRUE;
    return FALSE;
}

void
report_init(const char *argv0, const char *log_outputs)
{
    const char *slash = argv0 ? strrchr(argv0, '/') : NULL;

    if (argv0)
        program = slash ? slash + 1 : argv0;
    is_verbose = log_outputs && wants_debug(log_outputs);
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
    gsize size = ESCAPE_BYTES(strlen(message));
    char *line = g_malloc(size);

    escape_line(message, line, size);
    return line;
}

void
report_error(const char *message)
{
    g_autofree char *line = one_line(message);

    fprintf(stderr, _("%s: error: %s\n"), program, line);
}

void
report_warning(const char *format, ...)
{
    g_autofree char *message = NULL;
    g_autofree char *line = NULL;
    va_list args;

    va_start(args, format);
    message = g_strdup_vprintf(format, args);
    va_end(args);
    line = one_line(message);
    fprintf(stderr, _("%s: warning: %s\n"), program, line);
}

void
report_note(const char *message)
{
    g_autofree char *line = one_line(message);

    fprintf(stderr, "%s: %s\n", program, line);
    /* of a dry run it is buffered */
    fflush(stderr);
}

void
report_debug(const char *format, ...)
{
    g_autofree char *message = NULL;
    g_autofree char *line = NULL;
    va_list args;

    if (!is_verbose)
        return;
    va_start(args, format);
    message = g_strdup_vprintf(format, args);
    va_end(args);
    line = one_line(message);
    fprintf(stderr, "%s: debug: %s\n", program, line);
}

void
report_warnings(GPtrArray *messages)
{
    for (guint i = 0; i < messages->len; i++)
        report_warning("%s", (const char *)g_ptr_array_index(messages, i));
}

void
report_text(const char *text)
{
    fprintf(stderr, "%s:\n%s\n", program, text);
}
