/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The parsers of single elements, and what they need of each other. Private to the room. */

#include "domain/domain.h"
#include "domain/xml.h"

/**
 * DomainDeviceParser:
 * @node: the device's element
 * @device: all zero but for the DomainDevice that it begins with; already in @domain's list, which
 *   frees it whatever the parser returns
 * @domain: for warnings, and for a second device that the element is as well
 * @error: names the element and its line
 * Returns: FALSE when the XML is wrong in a way that libvirt refuses as well
 *
 * Sets its kind to DOMAIN_DEVICE_NONE, before anything else of it, when the element is no device: then
 * it leaves the list.
 */
typedef gboolean (*DomainDeviceParser)(xmlNode *node, gpointer device, Domain *domain,
                                       GError **error);

/* What there is to know of a kind of device. */
typedef struct {
    const char *element;
    DomainDeviceKind kind;
    gsize size; /* of its struct */
    DomainDeviceParser parse;
    void (*clear)(gpointer device); /* frees what the struct owns; NULL: nothing */
} DomainDeviceType;

/* Ends with a row without an element. */
extern const DomainDeviceType domain_device_types[];

gboolean domain_parse_disk(xmlNode *node, gpointer device, Domain *domain, GError **error);
gboolean domain_parse_chardev(xmlNode *node, gpointer device, Domain *domain, GError **error);
gboolean domain_parse_graphics(xmlNode *node, gpointer device, Domain *domain, GError **error);
gboolean domain_parse_hostdev(xmlNode *node, gpointer device, Domain *domain, GError **error);
gboolean domain_parse_audio(xmlNode *node, gpointer device, Domain *domain, GError **error);
gboolean domain_parse_interface(xmlNode *node, gpointer device, Domain *domain, GError **error);
void domain_clear_disk(gpointer device);
void domain_clear_chardev(gpointer device);
void domain_clear_graphics(gpointer device);
void domain_clear_hostdev(gpointer device);
void domain_clear_interface(gpointer device);
void domain_clear_audio(gpointer device);

/**
 * domain_parse_devices:
 * All children of <devices> that the table knows. An element that it does not know is no error.
 */
gboolean domain_parse_devices(xmlNode *root, Domain *domain, GError **error);

/**
 * domain_add_device:
 * Returns: (transfer none): a new device of @kind in @domain's list, with the line and name of @node
 */
gpointer domain_add_device(Domain *domain, DomainDeviceKind kind, xmlNode *node);

/** domain_remove_device: takes @device out of the list and frees it. */
void domain_remove_device(Domain *domain, gpointer device);

/** domain_device_free: for the list. */
void domain_device_free(DomainDevice *device);

/** What HVM guests' first console means (virDomainDefAddConsoleCompat). */
void domain_fix_consoles(Domain *domain);

/** domain_parse_boot: what the VM starts from, wherever it stands in the XML. */
gboolean domain_parse_boot(xmlNode *root, Domain *domain, GError **error);

/** domain_parse_nvram: sets @domain's nvram from <nvram>. */
gboolean domain_parse_nvram(xmlNode *node, Domain *domain, GError **error);

/** domain_has_memory_in_files: see Domain.memory_in_files. */
gboolean domain_has_memory_in_files(xmlNode *root);

/** domain_makes_memory_dir, domain_makes_hugepages_dir: see Domain.memory_dir and hugepages_dir. */
gboolean domain_makes_memory_dir(xmlNode *root);
gboolean domain_makes_hugepages_dir(xmlNode *root);

/** domain_shares_memory: see Domain.memory_shared. */
gboolean domain_shares_memory(xmlNode *root);

/**
 * domain_sanitize_path:
 * Returns: (transfer full): @path without doubled and trailing slashes, but for a URI and for the two
 *   slashes that POSIX allows at the start (virFileSanitizePath)
 */
char *domain_sanitize_path(const char *path);

/**
 * domain_parse_commandline: what is passed to QEMU as it is.
 * @error: BASE_ERROR_LIMIT: more than QEMU could be started with, with the line where it gets so long
 */
gboolean domain_parse_commandline(xmlNode *root, Domain *domain, GError **error);

/** domain_warn_of_unread: warns of the paths below <devices> that no parser has asked for; the last to run. */
void domain_warn_of_unread(xmlNode *root, Domain *domain);

/* For messages: where an administrator writes rules for all VMs. */
#define DOMAIN_LOCAL_RULES APPARMOR_DIR "/local/abstractions/libvirt-qemu"

/** Adds a warning "line N: …"; takes @message. */
void domain_warn(Domain *domain, xmlNode *node, char *message);

void domain_path_free(DomainPath *path);
void domain_setting_free(DomainSetting *setting);
