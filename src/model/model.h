/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * model: a domain and its host → what the VM may touch, as a list of grants.
 *
 * Which grants there are, in which order and with which permissions is libvirt 12.8.0's
 * virt-aa-helper's get_files(); where this project differs, docs/differences.md has the line. Paths
 * are resolved here, by questions to the Host, and judged by model/paths.h. Nothing here knows how a
 * rule is spelled.
 */

#include "domain/domain.h"
#include "host/host.h"

/* Sets of AppArmor file permissions (apparmor.d(5)) that rules of ours have. */
typedef enum {
    PERMS_R,
    PERMS_W,
    PERMS_RW,
    PERMS_RK,
    PERMS_RWK,
    PERMS_RWL,
    PERMS_RWM,
    PERMS_MR,
    PERMS_RWLK,
} Perms;

typedef enum {
    GRANT_ALLOW, /* a file rule */
    GRANT_DENY_WRITE, /* deny … w, without a line in the log: QEMU tries to open it for writing first */
    GRANT_NOTE,       /* a comment: only text counts */
} GrantKind;

/*
 * One rule to be. The path is three parts in a row: a pattern, a literal that means exactly its bytes,
 * and a pattern; any may be "". Only the literal may come from XML.
 */
typedef struct {
    GrantKind kind;
    char *before;  /* pattern, of ours */
    char *literal; /* bytes */
    char *after;   /* pattern, of ours or, with --add-file and --append-file, of the caller */
    Perms perms;
    char *text; /* of a note */
    char *from; /* the element that it comes from, for messages: "disk 'vda'"; or NULL */
    guint line; /* of that element, 0: none */
} Grant;

typedef struct {
    char *name;
    char *uuid;
    DomainVirt virt;
    char *virt_name;
    GPtrArray *base;     /* of Grant: what every QEMU domain has */
    GPtrArray *grants;   /* of Grant: what the XML asks for */
    GPtrArray *extra;    /* of Grant: what --add-file or --append-file asks for */
    GPtrArray *warnings; /* of char*: for the person, not translated again */
} Model;

/**
 * model_build:
 * @domain: what the XML says
 * @host: whom to ask
 * @add_file: (nullable): the argument of --add-file or --append-file: a path, or one with a pattern in
 *   the part of it that does not exist
 * @error: names the element, its line, and the path
 * Returns: (transfer full): the model, or NULL with @error set
 */
Model *model_build(const Domain *domain, Host *host, const char *add_file, GError **error);
void model_free(Model *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Model, model_free)
