/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the name means that an image has for its backing or data file. Pure: strings in, strings out.
 *
 * A name is a path, or begins with a protocol: "nbd:", "https://", "fat:", "json:{…}". The protocols
 * are libvirt's (virStorageSourceNewFromBackingAbsolute), which knows fewer than QEMU: "file:" and
 * json: names whose driver is a format other than raw are invalid to it.
 */

#include <glib.h>

typedef enum {
    IMAGE_NAME_INVALID, /* not understood: libvirt then refuses the image that has the name, too */
    IMAGE_NAME_FILE,    /* a path, of anything */
    IMAGE_NAME_DEVICE,  /* a path that is said to be a device's, and so is no directory's */
    IMAGE_NAME_DIRECTORY, /* a path whose directory QEMU presents as a file system */
    IMAGE_NAME_REMOTE,    /* nothing with a path on this host: a network disk, an NVMe controller */
    IMAGE_NAME_UNUSABLE,  /* remote, with a user or password in it, which libvirt cannot pass on */
} ImageNameKind;

/**
 * image_name_parse:
 * @name: as image_probe() found it
 * @parent: path of the image that has the name; a relative name is relative to its directory, as
 *   it is spelt (symbolic links are not resolved)
 * @path: (out) (transfer full): written only for FILE, DEVICE and DIRECTORY; "..", "." and empty parts
 *   are left as they are, and a json: name's may be relative (to the reader's working directory)
 */
ImageNameKind image_name_parse(const char *name, const char *parent, char **path);
