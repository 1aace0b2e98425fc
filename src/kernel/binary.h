/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What apparmor_parser wrote, looked at before the kernel has it: a parser that was ended half-way, or that is
 * not what it seems, may exit 0 all the same.
 */

#include <glib.h>

/**
 * binary_check:
 * @binary: compiled policy, as --stdout has it
 * @wanted: (nullable): names of the profiles that were to be compiled, children by their own names; NULL: not
 *   to be compared
 *
 * Returns: FALSE with BASE_ERROR_FAILED where it is cut off, has anything between or behind its profiles, the
 *   same profile twice, lacks one of @wanted, or has one that is neither of @wanted nor a child of such a one
 */
gboolean binary_check(GBytes *binary, char **wanted, GError **error);
