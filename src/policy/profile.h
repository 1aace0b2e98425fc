/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The text of profiles: from a template, and with its rules in it for the compiler.
 * A profile's file includes its rules by name, as libvirt's does; what is compiled has them in place of
 * that line, so that it can be compiled before any file is replaced.
 */

#include <glib.h>

/**
 * profile_from_template:
 * @template_text: text of TEMPLATE.qemu or the like
 * @what: the template's name, for messages
 * @profile: the profile's name, such as libvirt-UUID
 * @rules_file: (nullable): the file below the policy directory that the profile includes, such as
 *   "libvirt/libvirt-UUID.files"
 *
 * Every "profile LIBVIRT_TEMPLATE" at the start of a line becomes the profile's name, and the include
 * goes before every "}" that begins a line, as libvirt's create_profile() does it.
 * Returns: (transfer full): the profile, or NULL with @error set
 */
char *profile_from_template(const char *template_text, const char *what, const char *profile,
                            const char *rules_file, GError **error);

/** profile_include_line: "  #include if exists <RULES_FILE>\n", libvirt's spelling. */
char *profile_include_line(const char *rules_file);

/**
 * profile_names:
 * Whether @text has a profile called @name, at the start of a line; what has none is no profile of
 * ours.
 */
gboolean profile_names(const char *text, const char *name);

/**
 * profile_inline_rules:
 * Returns: (transfer full): @text with @rules in place of each include of @rules_file that begins a line, in any
 *   spelling that apparmor_parser takes
 */
char *profile_inline_rules(const char *text, const char *rules_file, const char *rules);

/**
 * profile_inlined_line:
 * Returns: where profile_inline_rules() puts the first line of the rules, counted from 1; 0: nowhere
 */
guint profile_inlined_line(const char *text, const char *rules_file);

/**
 * profile_put_include:
 * @what: the profile, for messages
 * Returns: (transfer full): @text with an include of @file before every "}" that begins a line, unless it
 *   has one already in any spelling; NULL with @error set where there is no such line
 */
char *profile_put_include(const char *text, const char *file, const char *what, GError **error);

/**
 * profile_take_include:
 * Returns: (transfer full): @text without what profile_put_include() has put in, byte for byte as it was;
 *   an include in another place or spelling is the administrator's and stays
 */
char *profile_take_include(const char *text, const char *file);
