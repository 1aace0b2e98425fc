/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/options.h"

#include <getopt.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "domain/domain.h"

#define PROFILE_PREFIX "libvirt-"

enum {
    OPTION_VERSION = 256,
    OPTION_CHECK,
    OPTION_POLICY_DIR,
    OPTION_ADD_SHARE,
    OPTION_SHARE_SOCKET,
    OPTION_SHARE_READONLY,
    OPTION_UNRECORDED,
};

static const struct option long_options[] = {
    {"add", no_argument, NULL, 'a'},
    {"create", no_argument, NULL, 'c'},
    {"delete", no_argument, NULL, 'D'},
    {"replace", no_argument, NULL, 'r'},
    {"remove", no_argument, NULL, 'R'},
    {"dryrun", no_argument, NULL, 'd'},
    {"dry-run", no_argument, NULL, 'd'},
    {"uuid", required_argument, NULL, 'u'},
    {"add-file", required_argument, NULL, 'f'},
    {"append-file", required_argument, NULL, 'F'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"check", no_argument, NULL, OPTION_CHECK},
    {"policy-dir", required_argument, NULL, OPTION_POLICY_DIR},
    /* virt-aa-virtiofsd's, for a share that is being attached to a running VM */
    {"add-share", required_argument, NULL, OPTION_ADD_SHARE},
    {"share-socket", required_argument, NULL, OPTION_SHARE_SOCKET},
    {"share-readonly", no_argument, NULL, OPTION_SHARE_READONLY},
    /* and for one that no record is about */
    {"unrecorded", required_argument, NULL, OPTION_UNRECORDED},
    {NULL, 0, NULL, 0},
};

void
options_print_usage(const char *program)
{
    printf(
        _("Usage: %s MODE [OPTION…] < DOMAIN.xml\n"
          "Write and load the AppArmor policy of a libvirt virtual machine.\n"
          "\n"
          "Modes:\n"
          "  -c, --create               make the profile and its rules from the XML, and load "
          "them\n"
          "  -r, --replace              make the rules from the XML again, and reload the profile\n"
          "  -a, --add                  load the profile that is on disk\n"
          "  -R, --remove               unload the profile\n"
          "  -D, --delete               unload the profile, and delete the rules made for it\n"
          "\n"
          "Options:\n"
          "  -u, --uuid libvirt-UUID    the profile's name; needed by every mode\n"
          "  -f, --add-file FILE        grant FILE as well\n"
          "  -F, --append-file FILE     grant FILE in addition to the rules that there are\n"
          "  -d, --dryrun, --dry-run    print what would be written; change nothing\n"
          "      --check                with --dryrun: compile it too, and say what the parser "
          "says\n"
          "      --policy-dir DIR       with --dryrun: take templates and profiles from DIR\n"
          "  -h, --help                 this help\n"
          "      --version              the version\n"
          "\n"
          "-c and -r read the domain's XML, as of \"virsh dumpxml\", from standard input.\n"
          "libvirtd runs this program by itself whenever a virtual machine starts, stops or gets "
          "a\n"
          "device; by hand it is mostly of use with --dryrun.\n"),
        program);
}

void
options_clear(Options *options)
{
    g_clear_pointer(&options->profile, g_free);
    g_clear_pointer(&options->add_file, g_free);
    g_clear_pointer(&options->policy_dir, g_free);
    g_clear_pointer(&options->add_share, g_free);
    g_clear_pointer(&options->share_socket, g_free);
    g_clear_pointer(&options->unrecorded, g_free);
}

/* The last one counts. */
static void
set_string(char **to)
{
    g_free(*to);
    *to = g_strdup(optarg);
}

static gboolean
take_option(int option, Options *options, GError **error)
{
    switch (option) {
    case 'a':
        options->command = COMMAND_ADD;
        return TRUE;
    case 'c':
        options->command = COMMAND_CREATE;
        return TRUE;
    case 'D':
        options->command = COMMAND_DELETE;
        return TRUE;
    case 'r':
        options->command = COMMAND_REPLACE;
        return TRUE;
    case 'R':
        options->command = COMMAND_REMOVE;
        return TRUE;
    case 'd':
        options->dry_run = TRUE;
        return TRUE;
    case 'f':
    case 'F':
        set_string(&options->add_file);
        options->append = option == 'F';
        return TRUE;
    case 'u':
        set_string(&options->profile);
        return TRUE;
    case 'h':
        options->help = TRUE;
        return TRUE;
    case OPTION_VERSION:
        options->version = TRUE;
        return TRUE;
    case OPTION_CHECK:
        options->check = TRUE;
        return TRUE;
    case OPTION_POLICY_DIR:
        set_string(&options->policy_dir);
        return TRUE;
    case OPTION_ADD_SHARE:
        set_string(&options->add_share);
        return TRUE;
    case OPTION_SHARE_SOCKET:
        set_string(&options->share_socket);
        return TRUE;
    case OPTION_UNRECORDED:
        set_string(&options->unrecorded);
        return TRUE;
    case OPTION_SHARE_READONLY:
        options->share_readonly = TRUE;
        return TRUE;
    default: /* getopt has said which one; -p, -H and -b are libvirt's of old, refused by it as well */
        return base_set_error(error, BASE_ERROR_FAILED, _("unsupported option"));
    }
}

/* The profile's name becomes a file's name: nothing but libvirt- and a UUID. */
static gboolean
is_profile_name(const char *name)
{
    g_autofree char *uuid = NULL;

    if (!name || strlen(name) != strlen(PROFILE_PREFIX) + DOMAIN_UUID_LEN ||
        !g_str_has_prefix(name, PROFILE_PREFIX))
        return FALSE;
    uuid = domain_uuid_canonical(name + strlen(PROFILE_PREFIX));
    return uuid != NULL;
}

gboolean
options_parse(int argc, char **argv, Options *options, GError **error)
{
    int option;

    options->parent = (guint)getppid();
    while ((option = getopt_long(argc, argv, "acdDhrRH:b:u:p:f:F:", long_options, NULL)) != -1) {
        if (!take_option(option, options, error))
            return FALSE;
        if (options->help || options->version)
            return TRUE;
    }

    /* is about no VM */
    if (options->unrecorded && argc == 3)
        return TRUE;
    if (options->unrecorded)
        return base_set_error(error, BASE_ERROR_FAILED, _("--unrecorded goes alone"));
    if (!is_profile_name(options->profile))
        return base_set_error(error, BASE_ERROR_FAILED,
                              options->profile ? _("invalid UUID")
                                               : _("invalid UUID: -u libvirt-UUID is missing"));
    if (optind < argc)
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("unexpected argument '%s' (the XML is read from standard input)"),
                              argv[optind]);
    if (options->add_share && (options->command != COMMAND_REPLACE || options->dry_run ||
                               options->add_file || !options->share_socket))
        return base_set_error(
            error, BASE_ERROR_FAILED,
            _("--add-share goes with --replace and --share-socket, and nothing else"));
    if ((options->check || options->policy_dir) && !options->dry_run)
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("--check and --policy-dir go with --dryrun only"));
    return TRUE;
}
