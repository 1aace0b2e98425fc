/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "domain/domain.h"
#include "domain/xml.h"

/*
 * The parsers of single elements, private to the room. Each appends what it finds in its element to
 * the domain. FALSE means that the XML is wrong in a way that libvirt refuses as well.
 */

typedef gboolean (*DomainElementParser)(xmlNode *node, Domain *domain, GError **error);

gboolean domain_parse_disk(xmlNode *node, Domain *domain, GError **error);
gboolean domain_parse_nvram(xmlNode *node, Domain *domain, GError **error);
gboolean domain_parse_chardev(xmlNode *node, Domain *domain, GError **error);
gboolean domain_parse_graphics(xmlNode *node, Domain *domain, GError **error);
gboolean domain_parse_hostdev(xmlNode *node, Domain *domain, GError **error);
gboolean domain_parse_interface(xmlNode *node, Domain *domain, GError **error);
gboolean domain_parse_filesystem(xmlNode *node, Domain *domain, GError **error);
gboolean domain_parse_input(xmlNode *node, Domain *domain, GError **error);
gboolean domain_parse_memory(xmlNode *node, Domain *domain, GError **error);
gboolean domain_parse_shmem(xmlNode *node, Domain *domain, GError **error);
gboolean domain_parse_tpm(xmlNode *node, Domain *domain, GError **error);
gboolean domain_parse_smartcard(xmlNode *node, Domain *domain, GError **error);

/** What HVM guests' first console means (virDomainDefAddConsoleCompat). */
void domain_fix_consoles(Domain *domain);

/**
 * domain_sanitize_path:
 * Returns: (transfer full): @path without doubled and trailing slashes, but for a URI and for the two
 *   slashes that POSIX allows at the start (virFileSanitizePath)
 */
char *domain_sanitize_path(const char *path);

/** Adds a warning "line N: …"; takes @message. */
void domain_warn(Domain *domain, xmlNode *node, char *message);

DomainPath *domain_path_new(xmlNode *node, char *path /* (transfer full) */);
void domain_path_free(DomainPath *path);
void domain_disk_free(DomainDisk *disk);
void domain_chardev_free(DomainChardev *chardev);
void domain_graphics_free(DomainGraphics *graphics);
void domain_hostdev_free(DomainHostdev *dev);
void domain_filesystem_free(DomainFilesystem *fs);
void domain_interface_free(DomainInterface *interface);
void domain_memory_free(DomainMemory *memory);
void domain_shmem_free(DomainShmem *shmem);
void domain_smartcard_free(DomainSmartcard *smartcard);
