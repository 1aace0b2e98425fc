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

/* A value that is missing is ':', and not said by getopt itself. -p, -H and -b are libvirt's of old, refused
 * by it as well. */
static const char short_options[] = ":acdDhrRH:b:u:p:f:F:";

static const char *const modes[] = {
    [COMMAND_ADD] = "--add",         [COMMAND_CREATE] = "--create", [COMMAND_DELETE] = "--delete",
    [COMMAND_REPLACE] = "--replace", [COMMAND_REMOVE] = "--remove",
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

/* ---- one option ---- */

/* Two that differ are a mistake, of which nobody could say which one was meant. */
static gboolean
set_string(char **to, GError **error)
{
    if (*to && !g_str_equal(*to, optarg))
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("'%s' and '%s' are given for the same option: a call has one"), *to,
                              optarg);
    g_free(*to);
    *to = g_strdup(optarg);
    return TRUE;
}

static gboolean
set_command(Options *options, Command command, GError **error)
{
    if (options->command != COMMAND_NONE && options->command != command)
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("%s and %s contradict each other: a call has one mode"),
                              modes[options->command], modes[command]);
    options->command = command;
    return TRUE;
}

static gboolean
set_file(Options *options, gboolean append, GError **error)
{
    if (options->add_file && options->append != append)
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("--add-file and --append-file contradict each other"));
    options->append = append;
    return set_string(&options->add_file, error);
}

static gboolean
take_mode(int option, Options *options, GError **error)
{
    switch (option) {
    case 'a':
        return set_command(options, COMMAND_ADD, error);
    case 'c':
        return set_command(options, COMMAND_CREATE, error);
    case 'D':
        return set_command(options, COMMAND_DELETE, error);
    case 'r':
        return set_command(options, COMMAND_REPLACE, error);
    default:
        return set_command(options, COMMAND_REMOVE, error);
    }
}

static gboolean
take_string(int option, Options *options, GError **error)
{
    switch (option) {
    case 'u':
        return set_string(&options->profile, error);
    case OPTION_POLICY_DIR:
        return set_string(&options->policy_dir, error);
    case OPTION_ADD_SHARE:
        return set_string(&options->add_share, error);
    case OPTION_SHARE_SOCKET:
        return set_string(&options->share_socket, error);
    default:
        return set_string(&options->unrecorded, error);
    }
}

/* What getopt says with '?', as it is on the command line. A letter may be one of several in a word. */
static gboolean
refuse_option(int option, char **argv, GError **error)
{
    const char letter[] = {'-', (char)(option == '?' ? optopt : option), '\0'};
    gboolean is_letter =
        option != '?' || (optopt && optopt < OPTION_VERSION && !strchr(short_options, optopt));

    return base_set_error(error, BASE_ERROR_FAILED, _("unsupported option '%s'"),
                          is_letter ? letter : argv[optind - 1]);
}

static gboolean
take_option(int option, char **argv, Options *options, GError **error)
{
    switch (option) {
    case 'a':
    case 'c':
    case 'D':
    case 'r':
    case 'R':
        return take_mode(option, options, error);
    case 'd':
        options->dry_run = TRUE;
        return TRUE;
    case 'f':
    case 'F':
        return set_file(options, option == 'F', error);
    case 'h':
        options->help = TRUE;
        return TRUE;
    case OPTION_VERSION:
        options->version = TRUE;
        return TRUE;
    case OPTION_CHECK:
        options->check = TRUE;
        return TRUE;
    case OPTION_SHARE_READONLY:
        options->share_readonly = TRUE;
        return TRUE;
    case 'u':
    case OPTION_POLICY_DIR:
    case OPTION_ADD_SHARE:
    case OPTION_SHARE_SOCKET:
    case OPTION_UNRECORDED:
        return take_string(option, options, error);
    case ':':
        return base_set_error(error, BASE_ERROR_FAILED, _("option '%s' has no value"),
                              argv[optind - 1]);
    default:
        return refuse_option(option, argv, error);
    }
}

/* ---- all of them ---- */

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

static gboolean
check_profile(const char *profile, GError **error)
{
    if (is_profile_name(profile))
        return TRUE;
    if (!profile)
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("invalid UUID: -u libvirt-UUID is missing"));
    return base_set_error(error, BASE_ERROR_FAILED,
                          _("invalid UUID: '%s' is not of the form libvirt-UUID"), profile);
}

/* What goes with what. */
static gboolean
check_together(const Options *options, GError **error)
{
    gboolean reads_xml = options->command == COMMAND_CREATE || options->command == COMMAND_REPLACE;

    if (options->add_share && (options->command != COMMAND_REPLACE || options->dry_run ||
                               options->add_file || !options->share_socket))
        return base_set_error(
            error, BASE_ERROR_FAILED,
            _("--add-share goes with --replace and --share-socket, and nothing else"));
    if ((options->share_socket || options->share_readonly) && !options->add_share)
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("--share-socket and --share-readonly go with --add-share only"));
    if (options->add_file && options->command != COMMAND_NONE && !reads_xml)
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("--add-file and --append-file go with --create and --replace "
                                "only, not with %s"),
                              modes[options->command]);
    if ((options->check || options->policy_dir) && !options->dry_run)
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("--check and --policy-dir go with --dryrun only"));
    return TRUE;
}

gboolean
options_parse(int argc, char **argv, Options *options, GError **error)
{
    int option;

    options->parent = (guint)getppid();
    opterr = 0;
    while ((option = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
        if (!take_option(option, argv, options, error))
            return FALSE;
        if (options->help || options->version)
            return TRUE;
    }

    /* is about no VM */
    if (options->unrecorded && argc == 3)
        return TRUE;
    if (options->unrecorded)
        return base_set_error(error, BASE_ERROR_FAILED, _("--unrecorded goes alone"));
    if (!check_profile(options->profile, error))
        return FALSE;
    if (optind < argc)
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("unexpected argument '%s' (the XML is read from standard input)"),
                              argv[optind]);
    return check_together(options, error);
}
