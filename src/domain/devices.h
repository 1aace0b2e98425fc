/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The devices of a domain: one list, in the order of the XML, of items that begin with a DomainDevice.
 *
 * A new device is a kind and a struct here, a parser and a row of the table in devices.c, and a row in
 * model/devices.c with what it may touch. Elements that are in no table are no devices for us: they
 * touch nothing of the host. What QEMU boots from is no device; it stands in Domain itself.
 *
 * All strings belong to the device, and the device to its domain.
 */

#include <glib.h>

typedef struct _Domain Domain;

typedef enum {
    DOMAIN_DEVICE_NONE, /* in no list: what a parser makes of an element that is no device after all */
    DOMAIN_DEVICE_DISK,
    DOMAIN_DEVICE_SERIAL, /* an HVM guest's first console may be one, see domain_fix_consoles() */
    DOMAIN_DEVICE_CONSOLE,
    DOMAIN_DEVICE_PARALLEL,
    DOMAIN_DEVICE_CHANNEL,
    DOMAIN_DEVICE_GRAPHICS,
    DOMAIN_DEVICE_HOSTDEV, /* also the second device that an <interface type='hostdev'> is */
    DOMAIN_DEVICE_FILESYSTEM,
    DOMAIN_DEVICE_INPUT,
    DOMAIN_DEVICE_INTERFACE,
    DOMAIN_DEVICE_MEMORY,
    DOMAIN_DEVICE_SHMEM,
    DOMAIN_DEVICE_TPM,
    DOMAIN_DEVICE_SMARTCARD,
    DOMAIN_DEVICE_RNG,
    DOMAIN_DEVICE_AUDIO,
    DOMAIN_DEVICE_REDIRDEV,
    DOMAIN_DEVICE_VSOCK,
} DomainDeviceKind;

/* The first member of every device. */
typedef struct {
    DomainDeviceKind kind; /* says which struct it is */
    guint line;            /* of its element, for messages */
    const char *element;   /* "disk"; interned */
} DomainDevice;

typedef enum {
    DOMAIN_SOURCE_FILE,
    DOMAIN_SOURCE_BLOCK,
    DOMAIN_SOURCE_DIR,
    DOMAIN_SOURCE_VOLUME,     /* of a storage pool, and nobody has said what its path is */
    DOMAIN_SOURCE_VHOST_USER, /* the path is a socket's */
    DOMAIN_SOURCE_VDPA,       /* the path is a device's */
    DOMAIN_SOURCE_NVME,       /* a PCI device, which QEMU drives by itself */
    DOMAIN_SOURCE_OTHER,      /* network: it may have a socket and a configuration file */
} DomainSourceType;

/* A disk's source, or a layer below it. */
typedef struct _DomainSource DomainSource;
struct _DomainSource {
    guint line;
    DomainSourceType type;
    char *path;           /* NULL: none, an empty drive */
    char *pool, *volume;  /* of a VOLUME; else NULL */
    char **sockets;       /* of each <host transport='unix'>, NULL: none */
    char *config;         /* of <config file=…>, NULL: none */
    char *reservations;   /* a helper's socket; NULL: none, or libvirtd's own */
    gboolean has_auth;    /* libvirtd passes the key with which to log in */
    char *format;         /* libvirt's name for the image format, NULL: not given */
    char *encryption;     /* <encryption format=…>, NULL: none */
    gboolean has_fdgroup; /* libvirtd opens it and passes the descriptor */
    gboolean readonly;
    DomainSource *data_file;
    gboolean is_last;      /* an empty <backingStore> says that nothing lies below it */
    DomainSource *backing; /* the layer below, NULL: none, or the XML does not say it */
};

typedef struct {
    DomainDevice device;
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
    DomainDevice device;
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
    DomainDevice device;
    DomainGraphicsType type;
    char *xauth;        /* SDL's, NULL: none */
    char *render_node;  /* NULL: none is named */
    gboolean gl;        /* gl enable='yes' */
    GPtrArray *sockets; /* of char*: paths of <listen type='socket'> */
    char *bus;          /* D-Bus's address, NULL: libvirtd starts a bus, or there is none */
} DomainGraphics;

typedef enum {
    DOMAIN_HOSTDEV_USB,
    DOMAIN_HOSTDEV_PCI,
    DOMAIN_HOSTDEV_MDEV,
    DOMAIN_HOSTDEV_SCSI,
    DOMAIN_HOSTDEV_VHOST_SCSI,
    DOMAIN_HOSTDEV_OTHER, /* scsi that QEMU reaches by iSCSI: no rule */
} DomainHostdevType;

typedef struct {
    DomainDevice device;
    DomainHostdevType type;
    /* USB; 0: not given (libvirt treats bus, device and vendor 0 so, too) */
    guint usb_bus, usb_device, usb_vendor, usb_product;
    char *usb_port;    /* <address port=…>, NULL: not given */
    gboolean usb_auto; /* autoAddress='yes': libvirt found bus and device by itself */
    guint pci_domain, pci_bus, pci_slot, pci_function;
    gboolean pci_vfio;    /* driver name='vfio', or none named */
    gboolean pci_iommufd; /* driver iommufd='yes' */
    char *scsi_adapter;   /* "scsi_host3", NULL: none */
    guint scsi_bus, scsi_target, scsi_unit;
    gboolean readonly; /* of SCSI only */
    char *rom;         /* <rom file=…>, NULL: none */
} DomainHostdev;

typedef enum {
    DOMAIN_FS_PATH, /* driver type='path', or none */
    DOMAIN_FS_VIRTIOFS,
    DOMAIN_FS_MTP,
    DOMAIN_FS_OTHER, /* handle, loop, nbd, ploop */
} DomainFsDriver;

typedef struct {
    DomainDevice device;
    gboolean is_mount; /* type='mount', the default */
    DomainFsDriver driver;
    char *dir;    /* NULL: none */
    char *socket; /* <source socket=…>: an external virtiofsd, NULL: none */
    char *binary; /* <binary path=…>, NULL: none */
    char *alias;  /* "fs0", NULL: none yet */
    char *target; /* <target dir=…>, the tag; NULL: none */
    gboolean readonly;
    gboolean idmap; /* <idmap> */
} DomainFilesystem;

/* <input type='evdev'>, or 'passthrough'; the others are no device of the list. */
typedef struct {
    DomainDevice device;
    char *path; /* of the host's event device */
} DomainInput;

typedef struct {
    DomainDevice device;
    gboolean is_vhostuser;
    char *vhostuser_path; /* NULL: none; libvirt starts passt, or a later step fills it in */
    char *model;          /* NULL: not given */
    gboolean driver_qemu; /* driver name='qemu' */
    gboolean is_passt;    /* libvirtd starts passt for it */
    gboolean is_tap; /* libvirtd makes a tap for it, unless its network is one that has macvtaps */
    char *alias;     /* "net0", NULL: none yet */
    char *vdpa;      /* of <source dev=…>, of a vDPA device only; NULL: none */
    char *vhost;     /* <backend vhost=…> in place of /dev/vhost-net, NULL: none */
    char *rom;       /* <rom file=…>, NULL: none; also of one that is a host device */
} DomainInterface;

typedef enum {
    DOMAIN_MEMORY_NVDIMM,
    DOMAIN_MEMORY_VIRTIO_PMEM,
    DOMAIN_MEMORY_SGX_EPC,
    DOMAIN_MEMORY_EGM,
    DOMAIN_MEMORY_OTHER, /* dimm, virtio-mem: no path */
} DomainMemoryModel;

typedef struct {
    DomainDevice device;
    DomainMemoryModel model;
    char *path; /* NULL: none */
} DomainMemory;

typedef struct {
    DomainDevice device;
    char *name;
    gboolean plain;          /* model ivshmem-plain */
    char *server_path;       /* NULL: none */
    gboolean has_model_rule; /* a model whose default path is known */
} DomainShmem;

typedef enum {
    DOMAIN_TPM_EMULATOR,
    DOMAIN_TPM_PASSTHROUGH,
    DOMAIN_TPM_EXTERNAL, /* somebody else runs the emulator */
    DOMAIN_TPM_OTHER,
} DomainTpmType;

typedef struct {
    DomainDevice device;
    DomainTpmType type;
    const char *state_dir; /* "tpm1.2", "tpm2", or NULL: no version is given */
    char *
        path; /* the device, the external emulator's socket, or where the state is; NULL: default */
    gboolean path_is_dir; /* of where the state is */
} DomainTpm;

typedef enum {
    DOMAIN_SMARTCARD_HOST,
    DOMAIN_SMARTCARD_HOST_CERTIFICATES,
    DOMAIN_SMARTCARD_PASSTHROUGH,
    DOMAIN_SMARTCARD_OTHER,
} DomainSmartcardMode;

typedef struct {
    DomainDevice device;
    DomainSmartcardMode mode;
    char *database;        /* NULL: the default */
    DomainChardev chardev; /* of passthrough; its DomainDevice is empty */
} DomainSmartcard;

/* A source of random numbers. */
typedef struct {
    DomainDevice device;
    char
        *file; /* of <backend model='random'>, which QEMU opens itself; NULL: none or the default */
    DomainChardev egd; /* of <backend model='egd'>; its DomainDevice is empty */
} DomainRng;

typedef enum {
    DOMAIN_AUDIO_OTHER, /* none, coreaudio, dbus, jack, sdl, spice: no path of this host */
    DOMAIN_AUDIO_ALSA,
    DOMAIN_AUDIO_FILE,
    DOMAIN_AUDIO_OSS,
    DOMAIN_AUDIO_PIPEWIRE,
    DOMAIN_AUDIO_PULSE,
} DomainAudioType;

/* Where the guest's sound goes. */
typedef struct {
    DomainDevice device;
    DomainAudioType type;
    /* each NULL where it is not given, and of the types in brackets only */
    char *path;           /* (file) */
    char *runtime_dir;    /* (pipewire) */
    char *server;         /* (pulse): addresses, as of its default-server, or a host's name */
    char *input, *output; /* (alsa, oss): a device node, or with ALSA a name such as "hw:0" */
} DomainAudio;

/**
 * domain_next_device:
 * @kind: which to look for
 * @at: (inout): 0 for the first; where to go on, untouched by the caller
 * Returns: (transfer none) (nullable): the next device of @kind in the order of the XML, as the struct of
 *   that kind, or NULL after the last
 */
gconstpointer domain_next_device(const Domain *domain, DomainDeviceKind kind, guint *at);

/** domain_count_devices: how many of @kind there are. */
guint domain_count_devices(const Domain *domain, DomainDeviceKind kind);

void domain_source_free(DomainSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DomainSource, domain_source_free)
