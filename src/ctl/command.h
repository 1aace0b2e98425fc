/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Other programs that virt-aa-ctl runs: apparmor_parser, dpkg's, and a virt-aa-helper for its version. */

#include <glib.h>

/**
 * command_run:
 * @argv: a program's path and its arguments, NULL at the end
 * @output: (out) (optional) (transfer full): what it wrote to standard output, at most
 *   LIMIT_PARSER_OUTPUT_BYTES of it
 * @error: it could not be run, took longer than two minutes, or did not succeed: what it wrote to standard
 *   error, or else its status
 *
 * It sees no variable but PATH and LC_ALL=C, and reads nothing.
 */
gboolean command_run(const char *const *argv, GBytes **output, GError **error);
