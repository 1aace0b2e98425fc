/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/output.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/io.h"
#include "ctl/words.h"

struct _Output {
    char *program;
    GPtrArray *replaced; /* what, by what, what, … */
    int out;
    int err;
    gboolean json;
    gboolean colours;
    GString *buffer; /* of what is for standard output */
};

Output *
output_new(const char *program, int out, int err)
{
    Output *output = g_new0(Output, 1);
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    output->program = g_path_get_basename(program);
    output->out = out;
    output->err = err;
    output->colours = isatty(out) && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
    output->replaced = g_ptr_array_new_with_free_func(g_free);
    output->buffer = g_string_new(NULL);
    return output;
}

void
output_free(Output *output)
{
    if (!output)
        return;
    g_free(output->program);
    g_ptr_array_unref(output->replaced);
    g_string_free(output->buffer, TRUE);
    g_free(output);
}

void
output_replace(Output *output, const char *what, const char *by)
{
    g_ptr_array_add(output->replaced, g_strdup(what));
    g_ptr_array_add(output->replaced, g_strdup(by));
}

void
output_set_json(Output *output)
{
    output->json = TRUE;
}

gboolean
output_is_json(const Output *output)
{
    return output->json;
}

static const char *
start_of(Colour colour)
{
    switch (colour) {
    case COLOUR_PLAIN:
        return "";
    case COLOUR_BOLD:
        return "\033[1m";
    case COLOUR_GOOD:
        return "\033[32m";
    case COLOUR_NOTE:
        return "\033[33m";
    case COLOUR_BAD:
        return "\033[31m";
    }
    g_assert_not_reached();
}

/* @text as a terminal gets it. */
static char *
line_of(const Output *output, const char *text)
{
    g_autoptr(GString) line = g_string_new(text);

    for (guint i = 0; i < output->replaced->len; i += 2)
        g_string_replace(line, g_ptr_array_index(output->replaced, i),
                         g_ptr_array_index(output->replaced, i + 1), 0);
    return words_escape(line->str);
}

void
output_line(Output *output, Colour colour, const char *format, ...)
{
    g_autofree char *text = NULL;
    g_autofree char *line = NULL;
    gboolean coloured = output->colours && colour != COLOUR_PLAIN;
    va_list arguments;

    if (output->json)
        return;
    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    line = line_of(output, text);
    g_string_append_printf(output->buffer, "%s%s%s\n", coloured ? start_of(colour) : "", line,
                           coloured ? "\033[0m" : "");
}

void
output_text(Output *output, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (gsize i = 0; lines[i]; i++) {
        if (lines[i + 1] || *lines[i])
            output_line(output, COLOUR_PLAIN, "%s", lines[i]);
    }
}

void
output_document(Output *output, const char *text)
{
    if (output->json)
        g_string_append_printf(output->buffer, "%s\n", text);
}

/* Standard error cannot be told of its own failure. */
static void
say(Output *output, const char *text)
{
    g_autofree char *line = line_of(output, text);
    g_autofree char *whole = g_strdup_printf("%s: %s\n", output->program, line);

    base_write_all(output->err, "standard error", whole, strlen(whole), NULL);
}

void
output_warning(Output *output, const char *format, ...)
{
    g_autofree char *text = NULL;
    g_autofree char *whole = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    whole = g_strdup_printf(_("warning: %s"), text);
    say(output, whole);
}

void
output_error(Output *output, const char *message)
{
    g_autofree char *whole = g_strdup_printf(_("error: %s"), message);

    say(output, whole);
}

gboolean
output_flush(Output *output, GError **error)
{
    gboolean written = base_write_all(output->out, _("standard output"), output->buffer->str,
                                      output->buffer->len, error);

    g_string_truncate(output->buffer, 0);
    return written;
}
