/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How the parts of the model add grants. Private to the room.
 *
 * A part says with builder_at() which element it is at, and from then on everything that is granted,
 * refused or warned of carries that element and its line.
 */

#include "model/model.h"

/* For messages that say how to allow something. */
#define MODEL_SETTINGS_FILE SYSCONFDIR "/libvirt/virt-aa-virtiofs.conf"
#define MODEL_LOCAL_RULES   APPARMOR_DIR "/local/abstractions/libvirt-qemu"

typedef struct {
    const Domain *domain;
    Host *host;
    const Settings *settings;
    Model *model;
    char *element;      /* see Origin; what builder_at() said last */
    guint line;         /* of @element; 0: none */
    GHashTable *chains; /* what was read of images: host_chains_new() */
    gboolean warned;    /* @element was said to name what does not exist */
    /* by what the command line of QEMU says; see model_add_implied() */
    gboolean commandline_vfio;
    gboolean commandline_gl;
} Builder;

/** builder_clear: frees what @builder owns; the model and whom it asks are the caller's. */
void builder_clear(Builder *builder);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Builder, builder_clear)

typedef enum {
    ADD_PLAIN = 0,
    ADD_QUIET = 1 << 0, /* also a deny rule for writing, if the permissions are only for reading */
    ADD_TREE = 1 << 1,  /* all below the path, and reading the directory itself */
    ADD_OPTIONAL = 1 << 2, /* what is refused is said, gets no rule, and the VM starts */
    ADD_NAMES = 1 << 3,    /* what begins with the path, up to the next slash; it need not exist */
} AddFlags;

/**
 * builder_at:
 * @element: (transfer full): for messages: "disk 'vda'"
 * @line: of the element; 0: it is not of the XML
 */
void builder_at(Builder *builder, char *element, guint line);

/** builder_warn: adds "line N: ELEMENT: MESSAGE" to the model's warnings; takes @message. */
void builder_warn(Builder *builder, char *message);

/**
 * builder_path:
 * @path: (nullable): as the XML has it
 * @perms: what to allow
 * @error: names the element, its line and @path
 *
 * Appends a grant for @path, resolved, to the model's grants. NULL is an error; a path that is not
 * absolute gets a warning and no rule, one that does not exist a warning and its rule. What
 * path_is_restricted() says no to is an error: libvirt's helper refuses the whole domain as well. With
 * ADD_OPTIONAL it is a warning: that is for what libvirt's helper does not look at, so that a VM which
 * starts today, by a rule of the administrator's, still does.
 */
gboolean
builder_path(Builder *builder, const char *path, Perms perms, AddFlags flags, GError **error);

/** builder_check_tree: model_tree_check() of the resolved @dir for the element that the builder is at. */
gboolean builder_check_tree(Builder *builder, const char *dir, gboolean readonly, GError **error);

/** builder_pattern: appends a grant for BEFORE "LITERAL" AFTER as it is, unresolved and not judged. */
void builder_pattern(Builder *builder, const char *before, const char *literal, const char *after,
                     Perms perms);

/**
 * builder_extra:
 * Appends what --add-file or --append-file asks for to the model's extra grants. Errors as
 * builder_path(); a tree is judged by all that is in it.
 */
gboolean builder_extra(Builder *builder, const ModelExtra *extra, GError **error);

/*
 * The parts of the model. FALSE with @error set ends the call: the VM does not start.
 */
typedef gboolean (*ModelStage)(Builder *builder, GError **error);

/** model_add_devices: all devices and what is booted from, in the order of libvirt's rules. */
gboolean model_add_devices(Builder *builder, GError **error);

/** model_add_implied: what a device needs that no XML names. */
gboolean model_add_implied(Builder *builder, GError **error);

/** model_add_emulator: QEMU itself, where it is not where distributions have it. */
gboolean model_add_emulator(Builder *builder, GError **error);

/** model_add_shares: what the VM's virtiofsd may touch, and the shares. */
gboolean model_add_shares(Builder *builder, GError **error);

/* Parts of model_add_devices(); @device is of the kind in the name, and @builder is at it. */
gboolean model_add_disk(Builder *builder, gconstpointer device, GError **error);
gboolean model_add_chardev(Builder *builder, gconstpointer device, GError **error);
/** model_add_new_chardev: the same of a DomainChardev that libvirt's helper does not look at. */
gboolean model_add_new_chardev(Builder *builder, gconstpointer device, GError **error);
gboolean model_add_graphics(Builder *builder, gconstpointer device, GError **error);
gboolean model_add_hostdev(Builder *builder, gconstpointer device, GError **error);
gboolean model_add_audio(Builder *builder, gconstpointer device, GError **error);
gboolean model_add_tpm(Builder *builder, gconstpointer device, GError **error);
gboolean model_add_boot(Builder *builder, GError **error);
gboolean model_add_firmware_files(Builder *builder, GError **error);

/** model_add_commandline: what the XML passes to QEMU as it is. */
gboolean model_add_commandline(Builder *builder, GError **error);

/** model_add_chain: what the images of @source and of all below it say, and the XML does not. */
gboolean model_add_chain(Builder *builder, const DomainSource *source, GError **error);

/** model_add_source: what the XML says of @source and of all below it. */
gboolean model_add_source(Builder *builder, const DomainSource *source, GError **error);

/** model_add_network_source: what of this host @source, of type OTHER, needs. */
gboolean model_add_network_source(Builder *builder, const DomainSource *source, GError **error);

/** model_add_rom: @rom is (nullable). */
gboolean model_add_rom(Builder *builder, const char *rom, GError **error);

/**
 * model_source_path:
 * Returns: (transfer full) (nullable): the path of @source on this host; NULL: it has none. Where a
 *   volume's is not to be had that is said, with the remedy, if @warns
 */
char *model_source_path(Builder *builder, const DomainSource *source, gboolean warns);
