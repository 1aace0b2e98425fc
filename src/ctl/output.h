/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What virt-aa-ctl says: text or JSON on standard output, warnings and errors on standard error. Each line
 * of text goes through escape_line(), for names and paths in it are a VM's. Colours are for a terminal only,
 * and not where NO_COLOR is set (no-color.org).
 */

#include <glib.h>

typedef struct _Output Output;

typedef enum {
    COLOUR_PLAIN,
    COLOUR_BOLD,
    COLOUR_GOOD, /* green */
    COLOUR_NOTE, /* yellow */
    COLOUR_BAD,  /* red */
} Colour;

/**
 * output_new:
 * @program: in front of errors and warnings
 * @out, @err: descriptors, which stay the caller's
 */
Output *output_new(const char *program, int out, int err);
void output_free(Output *output);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Output, output_free)

/**
 * output_replace: from here on text has @by in the place of each @what, as the path of the program that runs in that of
 *   one which may not be installed. Documents are as they are.
 */
void output_replace(Output *output, const char *what, const char *by);

/** output_set_json: from here on lines of text are not printed, but the one document of output_document(). */
void output_set_json(Output *output);
gboolean output_is_json(const Output *output);

/** output_line: one line of text, without its end. What is in it and a terminal takes as more is escaped. */
void output_line(Output *output, Colour colour, const char *format, ...) G_GNUC_PRINTF(3, 4);

/** output_text: @text of our own with several lines, such as a policy file, line by line. */
void output_text(Output *output, const char *text);

/** output_document: @text, JSON, where that is wanted: see output_json(). */
void output_document(Output *output, const char *text);

/** output_warning, output_error: "PROGRAM: warning: …", to standard error. */
void output_warning(Output *output, const char *format, ...) G_GNUC_PRINTF(2, 3);
void output_error(Output *output, const char *message);

/**
 * output_flush:
 * Returns: FALSE with @error set where standard output did not take it all, as with a full disk
 */
gboolean output_flush(Output *output, GError **error);
