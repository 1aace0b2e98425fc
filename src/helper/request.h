/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What one call asks for: the command line, the administrator's settings, and the domain on standard
 * input. Nothing of the VM's policy has been looked at yet.
 */

#include "helper/announcement.h"
#include "helper/helper.h"
#include "helper/options.h"
#include "model/model.h"

typedef struct {
    const HelperConfig *config;
    const Options *options;
    Settings *settings;
    GError *bad_settings; /* why they are the defaults; matters only to VMs that share something */
    Host *host;
    Domain *domain;             /* NULL: a mode without XML; so are the next three */
    Announcement *announcement; /* NULL: nothing is announced */
    Model *model;
    GPtrArray *foreseen;        /* of Grant: what libvirtd is going to announce, if the VM starts */
    GPtrArray *foreseen_memory; /* of char*: those of its directories that are guest memory */
    GPtrArray *warnings;        /* of char*: for the person */
} Request;

/**
 * request_new:
 * Reads the settings and nothing else yet. A file that is wrong must not keep those VMs from starting
 * that it says nothing about: it is a warning to them, and an error in request_check_settings().
 */
Request *request_new(const HelperConfig *config, const Options *options, GError **error);
void request_free(Request *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Request, request_free)

/** request_check_settings: fails if the configuration file is there and cannot be used. */
gboolean request_check_settings(const Request *request, GError **error);

/**
 * request_read:
 * Reads the domain from standard input, and makes the model of it.
 * @error: names the element and its line, or what of the command line does not fit the XML
 */
gboolean request_read(Request *request, GError **error);

/**
 * request_parse:
 * @xml: the same of a definition that somebody has already, @len bytes of it
 * @id: what the domain is going to have where @xml, of one that is not running, has none; -1: none
 */
gboolean request_parse(Request *request, const char *xml, gsize len, int id, GError **error);

/** request_appends: whether libvirtd adds to the rules that there are, and does not have all made anew. */
gboolean request_appends(const Request *request);

/** request_has_shares: whether a virtiofsd of the VM is, or is about to be, the launcher's to confine. */
gboolean request_has_shares(const Request *request);

/** request_announces: whether what is announced is of @kind. */
gboolean request_announces(const Request *request, AnnouncedKind kind);
