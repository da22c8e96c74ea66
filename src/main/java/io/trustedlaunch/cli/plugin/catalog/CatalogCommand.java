package io.trustedlaunch.cli.plugin.catalog;

import picocli.CommandLine.Command;

/** Verbs for catalogs, which need no cluster. */
@Command(
        name = "catalog",
        description = "Make a signed list of images.",
        mixinStandardHelpOptions = true,
        subcommands = {CatalogDraftCommand.class, CatalogCheckCommand.class})
public final class CatalogCommand {}
