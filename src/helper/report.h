/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Talking to a person, in the form of libvirt's helper, all of it on standard error. */

/**
 * report_init:
 * @argv0: gives the name that messages begin with
 * @log_outputs: (nullable): the variable LIBVIRT_LOG_OUTPUTS, "LEVEL:DESTINATION", by which libvirtd tells
 *   its helper of its own level (load_profile() of libvirt's AppArmor driver); 1 is debug
 */
void report_init(const char *argv0, const char *log_outputs);

/** report_program: that name. */
const char *report_program(void);

/** report_error: "NAME: error: MESSAGE". */
void report_error(const char *message);

/** report_warning: "NAME: warning: MESSAGE". */
void report_warning(const char *format, ...) G_GNUC_PRINTF(1, 2);

/** report_note: "NAME: MESSAGE", at once, for somebody who is waiting. */
void report_note(const char *message);

/** report_debug: "NAME: debug: MESSAGE", where libvirtd logs at that level. Not translated. */
void report_debug(const char *format, ...) G_GNUC_PRINTF(1, 2);

/** report_warnings: all of @messages (of char*). */
void report_warnings(GPtrArray *messages);

/** report_text: "NAME:", and @text from the next line on. */
void report_text(const char *text);
