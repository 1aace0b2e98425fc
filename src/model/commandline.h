/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * QEMU's command line as the XML has it: which options and keys name files of the host, and what QEMU does
 * with them. Private to the room.
 *
 * commandline.c goes from word to word, commandline-table.c knows the options and their keys,
 * commandline-pairs.c applies them, commandline-meaning.c makes grants of values, commandline-image.c of images,
 * commandline-block.c of disks with options, and commandline-host.c of the host's devices. What is not in the tables and
 * has an absolute path is said, with the path.
 */

#include "model/builder.h"

/* How an option's argument is to be read. */
typedef enum {
    READ_ALONE,    /* there is none */
    READ_TEXT,     /* it names no file */
    READ_VALUE,    /* it is one value */
    READ_PAIRS,    /* keys and values, see the keys of the option */
    READ_CHARDEV,  /* "file:/a" */
    READ_IMAGE,    /* the file of a disk */
    READ_DRIVE,    /* keys and values of a disk */
    READ_BLOCKDEV, /* keys and values of a node of a disk */
    READ_INCOMING, /* where a migration comes from */
    READ_CONFIG,   /* a file of options */
    READ_SET,      /* GROUP.ID.KEY=VALUE */
    READ_GLOBAL,   /* DRIVER.KEY=VALUE */
} OptionReading;

/* What QEMU does with a value. */
typedef enum {
    MEANS_NOTHING,     /* names no file of the host */
    MEANS_READ,        /* a file to read */
    MEANS_FIRMWARE,    /* the same, or the name of one of QEMU's own */
    MEANS_WRITE,       /* a file to write, or a socket or device */
    MEANS_LOCK,        /* a file to write and to lock */
    MEANS_LOG,         /* a file to write, where "%d" is the number of the process */
    MEANS_LOAD,        /* a library */
    MEANS_LIST,        /* files to read, with colons between them */
    MEANS_MEMORY,      /* the guest's memory: a file, a device, or a directory to make one in */
    MEANS_TREE,        /* a directory that the guest gets */
    MEANS_READ_TREE,   /* a directory to read from */
    MEANS_CREDENTIALS, /* a directory with certificates and keys of known names */
    MEANS_PIPE,        /* two pipes, or one */
    MEANS_UNIX,        /* a socket, if it begins with "unix:" */
    MEANS_SWITCH,      /* yes or no: the row's path, to read and write */
    MEANS_RUN,         /* a program, which no rule lets it run */
    MEANS_PCI,         /* address of a PCI device for VFIO */
    MEANS_VFIO,        /* directory of a VFIO device in sysfs */
    MEANS_IOMMUFD,     /* a VFIO device by IOMMUFD */
    MEANS_USB,         /* part of what identifies a USB device */
    MEANS_RENDER,      /* a render node */
    MEANS_GL,          /* yes or no: OpenGL */
    MEANS_REPLAY,      /* a log of what happened, to write or to read */
} Meaning;

typedef struct {
    const char *name; /* without its dash */
    OptionReading reading;
    const char *implied; /* the key of a first value without one, which says the kind; NULL: none */
    Meaning meaning;     /* of READ_VALUE */
    gboolean rest_is_text; /* keys that are in no table name no files */
} OptionRow;

typedef struct {
    const char *option;
    const char *kinds; /* patterns with "*", with spaces between them; NULL: any */
    const char *key;   /* NULL: it needs none */
    Meaning meaning;
    const char *path;   /* what it is without that key, or MEANS_SWITCH's; NULL: nothing */
    const char *unless; /* a key that, when it is there, makes QEMU not open it; NULL: none */
} KeyRow;

/* Ends with a row without a name. */
extern const OptionRow commandline_options[];
/* Ends with a row without an option. */
extern const KeyRow commandline_keys[];

typedef struct {
    Builder *builder;
    gboolean snapshot;       /* -snapshot: disks are not written to */
    const char *temp_dir;    /* where temporary files are made */
    GHashTable *nodes;       /* name of a -blockdev's node → its file's name */
    const OptionRow *option; /* what the keys are of */
    GPtrArray *pairs;        /* of QemuPair: all of the argument */
    const char *kind;        /* of the thing: "vfio-pci"; NULL: not known */
} CommandLine;

/** commandline_option: Returns: (nullable): the row of the option @name */
const OptionRow *commandline_option(const char *name);

/**
 * commandline_key:
 * @kind: (nullable): what the value of the implied key says; NULL matches all
 * Returns: (nullable): the row of @key
 */
const KeyRow *commandline_key(const char *option, const char *kind, const char *key);

/** commandline_kind_is: whether @kind matches a pattern of @kinds, as KeyRow has them. */
gboolean commandline_kind_is(const char *kinds, const char *kind);

/** commandline_text_key: whether @key names no file of the host, whatever option it is of. */
gboolean commandline_text_key(const char *key);

/** commandline_warn: says that nothing is known of @value, if that is or has an absolute path. */
void commandline_warn(CommandLine *line, const char *value);

/**
 * commandline_value:
 * @value: (nullable): what @row says it is; NULL for a row that has a path of its own
 * Grants what @value means. FALSE with @error where builder_path() refuses it.
 */
gboolean commandline_value(CommandLine *line, const KeyRow *row, const char *value, GError **error);

/**
 * commandline_pairs:
 * @whole: whether @pairs are all of a thing, so that what it has without being told counts as well
 * Grants what @pairs mean, which are @row's.
 */
gboolean commandline_pairs(CommandLine *line, const OptionRow *row, GPtrArray *pairs,
                           gboolean whole, GError **error);

/** commandline_by_row: likewise, with disks as READ_DRIVE has them. @row: (nullable): not known */
gboolean commandline_by_row(CommandLine *line, const OptionRow *row, GPtrArray *pairs,
                            gboolean whole, GError **error);

/** commandline_pci: the PCI device of that address, by VFIO; what is no address has VFIO's own files only. */
gboolean commandline_pci(CommandLine *line, const char *address, GError **error);

/** commandline_vfio: the device with that directory in sysfs. */
gboolean commandline_vfio(CommandLine *line, const char *dir, GError **error);

/** commandline_usb: the USB device that the pairs identify, of which @key is one. */
gboolean commandline_usb(CommandLine *line, const char *key, GError **error);

/** commandline_path: grants @path for the element that the builder is at. */
gboolean
commandline_path(CommandLine *line, const char *path, Perms perms, AddFlags flags, GError **error);

/**
 * commandline_file:
 * @path: of an image
 * @format: (nullable): as given
 * @below: whether what it lies upon is not said in another way
 */
gboolean commandline_file(CommandLine *line, const char *path, const char *format,
                          gboolean readonly, gboolean below, GError **error);

/** commandline_name: the same of a name, in which a protocol may come before a colon: "nbd:unix:/a". */
gboolean commandline_name(CommandLine *line, const char *name, const char *format,
                          gboolean readonly, gboolean below, GError **error);

/**
 * commandline_snapshot: the file without a name into which QEMU writes what it does not write to a disk
 * (create_tmp_file() of QEMU's block.c).
 */
gboolean commandline_snapshot(CommandLine *line, GError **error);

/** commandline_fat: a directory as a disk. @writes: whether the guest may write, first into such a file */
gboolean commandline_fat(CommandLine *line, const char *dir, gboolean writes, GError **error);

/** commandline_image: the file of a disk, as -hda has it. @readonly: as the option has it. */
gboolean commandline_image(CommandLine *line, const char *name, gboolean readonly, GError **error);

/** commandline_drive: @line's pairs as -drive has them. */
gboolean commandline_drive(CommandLine *line, GError **error);

/** commandline_blockdev: @line's pairs as -blockdev has them. */
gboolean commandline_blockdev(CommandLine *line, GError **error);
