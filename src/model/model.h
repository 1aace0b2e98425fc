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
#include "grant/grant.h"
#include "host/host.h"
#include "settings/settings.h"

/* A directory that virtiofsd serves. */
typedef struct {
    char *dir;         /* resolved */
    char *alias;       /* "fs0"; what libvirt will call it where it does not say yet */
    char *binary;      /* what libvirtd runs for it; NULL: not known yet */
    gboolean readonly; /* as the XML or the settings have it */
    char *element;     /* see Origin */
    guint line;
} Share;

void share_free(Share *share);

/* What --add-file or --append-file asks for. */
typedef struct {
    const char *path; /* absolute */
    gboolean tree;    /* with all below it */
    gboolean own;     /* a tree that libvirtd has made for this very domain */
    Perms perms;
} ModelExtra;

typedef struct {
    char **short_names; /* each "ID-NAME" that may be the domain's, see domain_short_names() */
    DomainVirt virt;
    char *virt_name;
    GPtrArray *base;   /* of Grant: what every QEMU domain has */
    GPtrArray *grants; /* of Grant: what the XML asks for */
    GPtrArray *extra;  /* of Grant: what --add-file or --append-file asks for */
    GPtrArray *shares; /* of Share */
    gboolean memory_in_files;
    gboolean shares_readonly;  /* by the settings, whatever the XML says */
    GPtrArray *virtiofsd_base; /* of Grant: what the VM's virtiofsd may touch besides its shares */
    GPtrArray *virtiofsd_writer; /* of Grant: what it takes besides to serve one for writing */
    GPtrArray *qemu_peer;        /* of Grant: what QEMU needs to talk to virtiofsd */
    GPtrArray *warnings;         /* of char*: for the person, not translated again */
} Model;

/**
 * model_build:
 * @domain: what the XML says
 * @host: whom to ask
 * @settings: what may be shared, and which virtiofsd
 * @extra: (nullable): what is to be granted besides
 * @error: names the element, its line, and the path
 * Returns: (transfer full): the model, or NULL with @error set
 */
Model *model_build(const Domain *domain, Host *host, const Settings *settings,
                   const ModelExtra *extra, GError **error);

/**
 * model_extra_grant:
 * @extra: what is to be granted besides
 * @to: (element-type Grant): gets the grant that it would be in the model of @domain, without a word
 * Returns: FALSE where it would be refused
 */
gboolean model_extra_grant(const Domain *domain, Host *host, const Settings *settings,
                           const ModelExtra *extra, GPtrArray *to);

/** model_has_shares: whether libvirt runs a virtiofsd for @domain. */
gboolean model_has_shares(const Domain *domain);

/* A directory that somebody wants to be shared. */
typedef struct {
    const char *what; /* for messages: what it is a part of */
    guint line;       /* of that; 0: none */
    const char *dir;  /* as it is written */
    gboolean readonly;
} ShareAsked;

/**
 * model_share_check:
 * @resolved: (out) (transfer full): what is shared in fact
 * @doubt: (out) (transfer full) (nullable): what is to be said although it is shared
 *
 * Whether it may be shared: no file, no system directory for writing, none with the host's secrets for
 * reading (path_judge_tree()), unless @settings allow it.
 */
gboolean model_share_check(const ShareAsked *asked, Host *host, const Settings *settings,
                           char **resolved, char **doubt, GError **error);

/**
 * model_tree_check:
 * @where: for messages
 * @dir: a resolved directory that the VM is to have with all that is in it, by whatever way
 * The last question of model_share_check().
 */
gboolean model_tree_check(const Settings *settings, const char *where, const char *dir,
                          gboolean readonly, char **doubt, GError **error);

/* A share that a virtiofsd of a running VM serves. */
typedef struct {
    const char *domain;             /* the VM's name */
    const char *const *short_names; /* NULL-terminated: see domain_short_names() */
    const char *alias;              /* of the device: "fs0" */
    const char *dir;                /* as of model_share_check() */
    gboolean readonly;
} ServedShare;

/**
 * model_share_grants:
 * @to: (element-type Grant): gets what its virtiofsd needs to serve it: the directory, and what libvirt
 *   leaves open in it, which is checked again when the label changes
 */
void model_share_grants(const ServedShare *share, GPtrArray *to);

/**
 * model_memory_grants:
 * @dir: a directory with the guest's memory in it, resolved
 * @to: (element-type Grant): gets what virtiofsd needs to be handed descriptors of it
 */
void model_memory_grants(const char *dir, GPtrArray *to);

void model_free(Model *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Model, model_free)
