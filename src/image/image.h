/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the first bytes of a disk image say of other files. Pure: bytes in, facts out, no file is
 * opened.
 *
 * The bytes are the guest's or a stranger's, so nothing in them is believed: every read is within
 * what was given, and no allocation is larger than it. What counts as "has a backing file" is what
 * libvirt says (virStorageFileProbeGetMetadata), because libvirt starts QEMU from the same answer; it
 * is laxer than the formats' specifications (a declared format's magic is not looked at).
 */

#include <glib.h>

typedef enum {
    IMAGE_FORMAT_NONE, /* no format: an image that nothing can be said of */
    IMAGE_FORMAT_RAW,
    IMAGE_FORMAT_DIR,
    IMAGE_FORMAT_BOCHS,
    IMAGE_FORMAT_CLOOP,
    IMAGE_FORMAT_DMG,
    IMAGE_FORMAT_ISO,
    IMAGE_FORMAT_VPC,
    IMAGE_FORMAT_VDI,
    IMAGE_FORMAT_FAT,
    IMAGE_FORMAT_VHD,
    IMAGE_FORMAT_PLOOP,
    IMAGE_FORMAT_COW,
    IMAGE_FORMAT_QCOW,
    IMAGE_FORMAT_QCOW2,
    IMAGE_FORMAT_QED,
    IMAGE_FORMAT_VMDK,
    IMAGE_FORMAT_AUTO,      /* nobody said: look, but believe only what names no other file */
    IMAGE_FORMAT_AUTO_SAFE, /* the image above says that it was probed: look, and believe */
} ImageFormat;

/**
 * image_format_from_string:
 * @name: libvirt's name of a format, as in <driver type=>, <format type=> and qcow2's header
 * @format: (out): written only when @name is known; never AUTO or AUTO_SAFE, "none" is NONE
 *
 * <driver type='aio'> is an alias of raw in that place only, and left to its reader. libvirt knows no
 * "vhdx", "luks" or "auto".
 */
gboolean image_format_from_string(const char *name, ImageFormat *format);

typedef struct {
    ImageFormat format;         /* as declared, or as found */
    char *backing;              /* (nullable): the backing file's name as the header has it */
    ImageFormat backing_format; /* of @backing; AUTO where the header does not say */
    char *data_file;            /* (nullable): qcow2's external data file, also when it is "" */
    const char *encryption;     /* (nullable): "qcow" or "luks" */
} ImageFacts;

void image_facts_clear(ImageFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ImageFacts, image_facts_clear)

/**
 * image_probe:
 * @bytes: the image's first @len bytes; libvirt looks at LIMIT_IMAGE_HEADER_BYTES of them
 * @format: as declared; AUTO and AUTO_SAFE are found out, and what has no magic is raw
 * @facts: (out caller-allocates): cleared first; only written to where the answer is TRUE
 *
 * Names are cut at their first NUL and are otherwise as they are: not resolved, any byte.
 *
 * Layouts: QEMU's docs/interop/qcow2.txt and qed_spec.txt, block/qcow.c and block/vmdk.c.
 *
 * Returns: FALSE where libvirt refuses the image altogether: format NONE, or a qcow2 of version 3
 *   without room for its features
 */
gboolean image_probe(const guint8 *bytes, gsize len, ImageFormat format, ImageFacts *facts);
