/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * VMDK images that are a text which names further files. Pure, as image.h.
 *
 * The text begins with "# Disk DescriptorFile", and has a line for each extent: access, number of sectors,
 * type, name in quotes and for some types an offset (VMware's "Virtual Disk Format 5.0"; vmdk_parse_extents()
 * of QEMU's block/vmdk.c). An image with a binary header has such a text within itself, and its one extent
 * is itself.
 */

#include <glib.h>

/** image_is_vmdk_text: whether @bytes begin such a text. */
gboolean image_is_vmdk_text(const guint8 *bytes, gsize len);

/**
 * image_vmdk_extents:
 * Returns: (transfer full) (element-type utf8): the names of those files that QEMU opens, as they are in
 *   the text: relative to its directory or absolute, any byte; free function g_free
 */
GPtrArray *image_vmdk_extents(const guint8 *bytes, gsize len);
