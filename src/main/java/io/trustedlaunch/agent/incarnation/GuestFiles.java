package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.console.ConsoleLogs;
import io.trustedlaunch.agent.disks.Disks;
import io.trustedlaunch.agent.imagecopy.Images;
import io.trustedlaunch.agent.location.LocationCheck;
import io.trustedlaunch.agent.seed.SeedDisc;

/**
 * The files of guests on this host besides their state.
 *
 * @param images the sources of OS disks at first starts
 */
public record GuestFiles(
        LocationCheck locations, Images images, Disks disks, SeedDisc seeds, ConsoleLogs consoleLogs) {}
