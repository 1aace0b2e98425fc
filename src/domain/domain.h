/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * domain: bytes → what a domain's XML says, as far as it touches the host.
 *
 * Plain values, nothing resolved and nothing looked up: that is the model's and the host's. Names and
 * defaults are those of libvirt's domain_conf.c (parsed as a live definition, with what its common
 * post-parse step changes: CD-ROMs are read-only, an HVM guest's first console is its serial port).
 * What is not understood of a device is no error: such a device gets no rule, and libvirtd, which
 * understood it, is told by a warning.
 */

#include <glib.h>

#include "domain/devices.h"

#define DOMAIN_UUID_LEN 36

typedef enum {
    DOMAIN_VIRT_QEMU,
    DOMAIN_VIRT_KVM,
    DOMAIN_VIRT_LXC,
    DOMAIN_VIRT_OTHER, /* known to libvirt (xen, hvf, …); its name is in virt_name */
} DomainVirt;

/* A path that an element gives. */
typedef struct {
    guint line;
    const char *element;
    char *path;
} DomainPath;

/* Something that the XML passes to QEMU as it is. */
typedef struct {
    guint line;
    char *name; /* NULL: it has none */
    char *value;
} DomainSetting;

struct _Domain {
    char *name;
    char *uuid; /* canonical, lower case, DOMAIN_UUID_LEN bytes */
    int id;     /* -1: not running */
    DomainVirt virt;
    char *virt_name; /* the type attribute: "kvm", "lxc", … */
    gboolean hvm;
    gboolean sev;            /* launchSecurity of type sev or sev-snp */
    DomainPath quote_socket; /* of TDX's quote generation service; path NULL: none */
    gboolean
        memory_in_files; /* guest memory lies in files or huge pages of libvirtd's directories */
    gboolean
        memory_dir; /* libvirtd makes a directory for such files, whether or not there will be any */
    gboolean hugepages_dir; /* likewise for huge pages */
    gboolean memory_shared; /* other processes may map all of it: it takes a virtiofs device */

    /* Boot: each with path NULL where the element is missing or empty */
    DomainPath kernel, initrd, shim, dtb, pstore, loader, varstore;
    DomainPath emulator; /* QEMU itself */
    gboolean has_loader; /* <loader> or <nvram> is there */
    gboolean loader_readonly;
    DomainSource *nvram;       /* NULL: none */
    GPtrArray *acpi_tables;    /* of DomainPath */
    GPtrArray *firmware_files; /* of DomainPath: fw_cfg entries */

    GPtrArray *qemu_arguments;   /* of DomainSetting: <qemu:arg>, without names */
    GPtrArray *qemu_environment; /* of DomainSetting: <qemu:env> */
    GPtrArray *qemu_properties;  /* of DomainSetting: a device's properties in <qemu:override> */

    GPtrArray *devices;  /* of DomainDevice; see domain_next_device() */
    GPtrArray *warnings; /* of char*: what was not understood */
};

/**
 * domain_parse:
 * @data: (array length=len): a domain's XML
 * @error: names the element and its line
 * Returns: (transfer full): the domain, or NULL with @error set
 */
Domain *domain_parse(const char *data, gsize len, GError **error);
void domain_free(Domain *domain);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Domain, domain_free)

/**
 * domain_uuid_canonical:
 * Returns: (transfer full) (nullable): @text in libvirt's spelling, lower case with dashes in their
 *   places, when it is 32 hexadecimal digits with dashes and white space anywhere between
 *   (virUUIDParse), else NULL
 */
char *domain_uuid_canonical(const char *text);

/**
 * domain_short_names:
 * @id, @name: the domain's
 * Returns: (transfer full) (array zero-terminated=1): each "ID-NAME" that a libvirtd may call a running
 *   domain's directory and sockets (virDomainDefGetShortName): with the name cut after 20 bytes, as in
 *   locale C or one with a byte a character, and, where that is something else, after 20 characters, as
 *   in a UTF-8 locale. Not what a libvirtd in a multibyte locale other than UTF-8 makes.
 *
 * Whatever is granted for such a name is granted for all: none of the others can be another domain's,
 * as the ID is in it.
 */
char **domain_short_names(int id, const char *name);
