/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The modes of the command line, a function each. What they have in common: the policy of one VM, on
 * disk and in the kernel, and its records, are as asked for afterwards, or, where @error is set, as they
 * were. --remove and --delete go as far as they can instead, because the VM is off.
 */

#include "helper/request.h"

/**
 * mode_create, mode_replace:
 * @request: what is asked for; gets the domain from standard input
 *
 * Both profiles follow from the domain's XML: the first makes QEMU's, the second needs it. With
 * --append-file mode_replace() grants in addition what libvirtd announces.
 */
gboolean mode_create(Request *request, GError **error);
gboolean mode_replace(Request *request, GError **error);

/** mode_add_share: virtiofsd's profile gets a share that is being attached; without XML. */
gboolean mode_add_share(Request *request, GError **error);

/** mode_add: the profiles are loaded as they are on disk; an error if one is loaded already. */
gboolean mode_add(Request *request, GError **error);

/**
 * mode_remove, mode_delete:
 * The profiles are unloaded; the second also removes the rules and the records. virtiofsd's stays, with
 * no right to any share, as long as a process runs under it: without it that would be unconfined.
 */
gboolean mode_remove(Request *request, GError **error);
gboolean mode_delete(Request *request, GError **error);
