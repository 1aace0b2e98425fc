/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One call of the helper that changes policy: what it wants, what it holds, and the profiles that it is
 * about to put in force. All of it takes place, or none.
 */

#include "helper/helper.h"
#include "helper/options.h"
#include "helper/wanted.h"
#include "policy/files.h"
#include "policy/lock.h"

/* A profile that is to be compiled: its text, and the rules that it includes. */
typedef struct {
    const WantedProfile *names;
    char *profile;
    char *rules; /* with the header */
} Unit;

typedef struct {
    const HelperConfig *config;
    const Options *options;
    Settings *settings;
    GError *bad_settings; /* why they are the defaults; matters only to VMs that share something */
    Wanted *wanted;
    PolicyDir *dir;
    PolicyLock *lock;
    gboolean had_leftovers; /* an earlier call crashed: what is on disk may not be what is loaded */
    PolicyChange *change;
    Kernel *kernel;
    Unit qemu;
    Unit virtiofsd;
} Call;

/**
 * call_new:
 * Reads the settings and nothing else yet. A file that is wrong must not keep those VMs from starting
 * that it says nothing about: it is a warning, until call_check_settings().
 */
Call *call_new(const HelperConfig *config, const Options *options);
void call_free(Call *call);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Call, call_free)

/** call_read_xml: @call's wanted, from the XML on standard input; prints its warnings. */
gboolean call_read_xml(Call *call, GError **error);

/** call_check_settings: fails if the configuration file is there and cannot be used. */
gboolean call_check_settings(const Call *call, GError **error);

/** call_begin: opens the directory and takes the VM's lock; @call's wanted is at least names. */
gboolean call_begin(Call *call, GError **error);

/**
 * call_profile:
 * @names: whose
 * @existing_too: whether the one on disk is taken, if it is one of that name
 * Returns: (transfer full): the profile's text; what was made anew is staged
 */
char *call_profile(Call *call, const WantedProfile *names, gboolean existing_too, GError **error);

/** call_rules: stages @rules as the new content of @names' rules, unless that is what they are. */
gboolean call_rules(Call *call, const WantedProfile *names, const char *rules, const char *existing,
                    GError **error);

/** call_read_rules: what is on disk; NULL without error if it is not there or damaged, which is said. */
gboolean call_read_rules(Call *call, const WantedProfile *names, char **rules, GError **error);

/** call_commit: compiles the units that have a profile, publishes, loads them together, and keeps. */
gboolean call_commit(Call *call, KernelHow how, GError **error);

/** call_with_header: a rules file's text with @rules. */
char *call_with_header(const GString *rules);
