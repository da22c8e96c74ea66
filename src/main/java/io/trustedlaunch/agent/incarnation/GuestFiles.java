package io.trustedlaunch.agent.incarnation;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.console.ConsoleLogs;
import io.trustedlaunch.agent.disks.Disks;
import io.trustedlaunch.agent.imagecopy.DiscCopies;
import io.trustedlaunch.agent.imagecopy.Images;
import io.trustedlaunch.agent.location.LocationCheck;
import io.trustedlaunch.agent.seed.SeedDisc;

/**
 * The files of guests on this host besides their state.
 *
 * @param images the sources of OS disks at first starts
 * @param discs that guests have in their drives
 */
@RecordBuilder
public record GuestFiles(
        LocationCheck locations,
        Images images,
        DiscCopies discs,
        Disks disks,
        SeedDisc seeds,
        ConsoleLogs consoleLogs) {}
