/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A domain's definition, from libvirt or from a file. */

#include "ctl/domains.h"

typedef struct {
    char *xml;
    gsize len;
    char *from;        /* for messages: the domain's name, a file's, or "standard input" */
    CtlDomain *domain; /* (nullable): what libvirt knows besides */
} Definition;

/**
 * definition_read:
 * @uri: libvirt's
 * @what: "-" is @input_fd; what has a slash in it is a file; all else is a domain, or, if there is none, a file
 * Returns: (transfer full): the definition, or NULL with @error set
 */
Definition *definition_read(const char *uri, const char *what, int input_fd, GError **error);
void definition_free(Definition *definition);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Definition, definition_free)
