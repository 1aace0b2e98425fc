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
 *
 * Every device carries the line of its element for messages.
 */

#include <glib.h>

#define DOMAIN_UUID_LEN 36

typedef enum {
    DOMAIN_VIRT_QEMU,
    DOMAIN_VIRT_KVM,
    DOMAIN_VIRT_LXC,
    DOMAIN_VIRT_OTHER, /* known to libvirt (xen, hvf, …); its name is in virt_name */
} DomainVirt;

typedef enum {
    DOMAIN_SOURCE_FILE,
    DOMAIN_SOURCE_BLOCK,
    DOMAIN_SOURCE_DIR,
    DOMAIN_SOURCE_OTHER, /* network, nvme, vhost-user, an untranslated volume: no path of this host */
} DomainSourceType;

/* A disk's source, or a layer below it. */
typedef struct _DomainSource DomainSource;
struct _DomainSource {
    guint line;
    DomainSourceType type;
    char *path;           /* NULL: none, an empty drive */
    char *format;         /* libvirt's name for the image format, NULL: not given */
    char *encryption;     /* <encryption format=…>, NULL: none */
    gboolean has_fdgroup; /* libvirtd opens it and passes the descriptor */
    gboolean readonly;
    DomainSource *data_file;
    gboolean
        has_backing; /* a <backingStore> element is there, maybe the empty one that ends the chain */
    DomainSource *backing; /* the layer below, NULL: none */
};

typedef struct {
    guint line;
    char *target; /* "vda", for messages */
    DomainSource *source;
} DomainDisk;

/* Chardev types that have a path of this host; the others are DOMAIN_CHARDEV_OTHER. */
typedef enum {
    DOMAIN_CHARDEV_OTHER,
    DOMAIN_CHARDEV_PTY,
    DOMAIN_CHARDEV_DEV,
    DOMAIN_CHARDEV_FILE,
    DOMAIN_CHARDEV_PIPE,
    DOMAIN_CHARDEV_UNIX,
} DomainChardevType;

typedef struct {
    guint line;
    const char *element; /* "serial", "console", "parallel", "channel" */
    DomainChardevType type;
    char *path;        /* NULL: none */
    char *target_type; /* <target type=…>, NULL: not given */
} DomainChardev;

typedef enum {
    DOMAIN_GRAPHICS_OTHER, /* vnc, rdp, desktop */
    DOMAIN_GRAPHICS_SDL,
    DOMAIN_GRAPHICS_SPICE,
    DOMAIN_GRAPHICS_EGL_HEADLESS,
    DOMAIN_GRAPHICS_DBUS,
} DomainGraphicsType;

typedef struct {
    guint line;
    DomainGraphicsType type;
    char *xauth;        /* SDL's, NULL: none */
    char *render_node;  /* NULL: none is named */
    gboolean gl;        /* gl enable='yes' */
    GPtrArray *sockets; /* of char*: paths of <listen type='socket'> */
} DomainGraphics;

typedef enum {
    DOMAIN_HOSTDEV_USB,
    DOMAIN_HOSTDEV_PCI,
    DOMAIN_HOSTDEV_MDEV,
    DOMAIN_HOSTDEV_OTHER, /* scsi, scsi_host: no rule */
} DomainHostdevType;

typedef struct {
    guint line;
    const char *element; /* "hostdev", or "interface" for <interface type='hostdev'> */
    DomainHostdevType type;
    /* USB; 0: not given (libvirt treats bus, device and vendor 0 so, too) */
    guint usb_bus, usb_device, usb_vendor, usb_product;
    char *usb_port;    /* <address port=…>, NULL: not given */
    gboolean usb_auto; /* autoAddress='yes': libvirt found bus and device by itself */
    guint pci_domain, pci_bus, pci_slot, pci_function;
    gboolean pci_vfio;    /* driver name='vfio', or none named */
    gboolean pci_iommufd; /* driver iommufd='yes' */
} DomainHostdev;

typedef enum {
    DOMAIN_FS_PATH, /* driver type='path', or none */
    DOMAIN_FS_VIRTIOFS,
    DOMAIN_FS_OTHER, /* handle, loop, nbd, ploop, mtp */
} DomainFsDriver;

typedef struct {
    guint line;
    gboolean is_mount; /* type='mount', the default */
    DomainFsDriver driver;
    char *dir;    /* NULL: none */
    char *socket; /* <source socket=…>: an external virtiofsd, NULL: none */
    char *binary; /* <binary path=…>, NULL: none */
    char *alias;  /* "fs0", NULL: none yet */
    char *target; /* <target dir=…>, the tag; NULL: none */
    gboolean readonly;
} DomainFilesystem;

typedef struct {
    guint line;
    gboolean is_vhostuser;
    char *vhostuser_path; /* NULL: none; libvirt starts passt, or a later step fills it in */
    char *model;          /* NULL: not given */
    gboolean driver_qemu; /* driver name='qemu' */
} DomainInterface;

typedef enum {
    DOMAIN_MEMORY_NVDIMM,
    DOMAIN_MEMORY_VIRTIO_PMEM,
    DOMAIN_MEMORY_SGX_EPC,
    DOMAIN_MEMORY_EGM,
    DOMAIN_MEMORY_OTHER, /* dimm, virtio-mem: no path */
} DomainMemoryModel;

typedef struct {
    guint line;
    DomainMemoryModel model;
    char *path; /* NULL: none */
} DomainMemory;

typedef struct {
    guint line;
    char *name;
    gboolean plain;          /* model ivshmem-plain */
    char *server_path;       /* NULL: none */
    gboolean has_model_rule; /* a model whose default path is known */
} DomainShmem;

typedef struct {
    guint line;
    gboolean emulator;
    const char *state_dir; /* "tpm1.2", "tpm2", or NULL: no version is given */
} DomainTpm;

typedef enum {
    DOMAIN_SMARTCARD_HOST,
    DOMAIN_SMARTCARD_HOST_CERTIFICATES,
    DOMAIN_SMARTCARD_OTHER, /* passthrough: over TCP or SPICE */
} DomainSmartcardMode;

typedef struct {
    guint line;
    DomainSmartcardMode mode;
    char *database; /* NULL: the default */
} DomainSmartcard;

/* A path that an element gives. */
typedef struct {
    guint line;
    const char *element;
    char *path;
} DomainPath;

typedef struct {
    char *name;
    char *uuid; /* canonical, lower case, DOMAIN_UUID_LEN bytes */
    int id;     /* -1: not running */
    DomainVirt virt;
    char *virt_name; /* the type attribute: "kvm", "lxc", … */
    gboolean hvm;
    gboolean sev;             /* launchSecurity of type sev or sev-snp */
    gboolean memory_in_files; /* guest memory lies in named files or huge pages, not in memfds */

    /* Boot: each with path NULL where the element is missing or empty */
    DomainPath kernel, initrd, shim, dtb, pstore, loader, varstore;
    gboolean has_loader; /* <loader> or <nvram> is there */
    gboolean loader_readonly;
    DomainSource *nvram;       /* NULL: none */
    GPtrArray *acpi_tables;    /* of DomainPath */
    GPtrArray *firmware_files; /* of DomainPath: fw_cfg entries */

    GPtrArray *disks;   /* of DomainDisk */
    GPtrArray *serials; /* of DomainChardev, like the next three */
    GPtrArray *consoles;
    GPtrArray *parallels;
    GPtrArray *channels;
    GPtrArray *graphics;    /* of DomainGraphics */
    GPtrArray *hostdevs;    /* of DomainHostdev */
    GPtrArray *filesystems; /* of DomainFilesystem */
    GPtrArray *inputs;      /* of DomainPath: evdev devices */
    GPtrArray *interfaces;  /* of DomainInterface */
    GPtrArray *memories;    /* of DomainMemory */
    GPtrArray *shmems;      /* of DomainShmem */
    GPtrArray *tpms;        /* of DomainTpm */
    GPtrArray *smartcards;  /* of DomainSmartcard */
    GPtrArray *warnings;    /* of char*: what was not understood */
} Domain;

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
 * Returns: (transfer full) (array zero-terminated=1): each "ID-NAME" that a libvirtd may call a running
 *   domain's directory and sockets (virDomainDefGetShortName): with the name cut after 20 bytes, as in
 *   locale C or one with a byte a character, and, where that is something else, after 20 characters, as
 *   in a UTF-8 locale. Not what a libvirtd in a multibyte locale other than UTF-8 makes.
 *
 * Whatever is granted for such a name is granted for all: none of the others can be another domain's,
 * as the ID is in it.
 */
char **domain_short_names(const Domain *domain);

void domain_source_free(DomainSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DomainSource, domain_source_free)
