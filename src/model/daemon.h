/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the options that the settings add change in what virtiofsd may do. Private to the room. */

#include <glib.h>

/**
 * daemon_is_readonly:
 * @options: (element-type utf8): of settings_options()
 * Whether they make every share read-only, whatever the XML says.
 */
gboolean daemon_is_readonly(GPtrArray *options);

/**
 * daemon_capabilities:
 * @base: (element-type Grant): gets those that serving takes
 * @writer: (element-type Grant): gets those that only writing takes
 *
 * The capabilities that virtiofsd keeps while it serves a guest. Those that it needs to start, whatever
 * the options, are in abstractions/libvirt-virtiofsd.
 */
void daemon_capabilities(GPtrArray *options, GPtrArray *base, GPtrArray *writer);
