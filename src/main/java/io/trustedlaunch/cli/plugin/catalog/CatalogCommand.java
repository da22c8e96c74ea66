package io.trustedlaunch.cli.plugin.catalog;

import picocli.CommandLine.Command;

/** The commands for image catalogs. */
@Command(
        name = "catalog",
        description = "Draft and check catalogs: signed lists of images.",
        mixinStandardHelpOptions = true,
        subcommands = {CatalogDraftCommand.class, CatalogCheckCommand.class})
public final class CatalogCommand {}
