package io.trustedlaunch.cli.plugin;

import picocli.CommandLine.Command;

/** The commands for images of one's own. */
@Command(
        name = "image",
        description = "Make images of your own. To list the images that can be used: kubectl tlvm images.",
        mixinStandardHelpOptions = true,
        subcommands = CaptureImageCommand.class)
final class ImageCommand {}
