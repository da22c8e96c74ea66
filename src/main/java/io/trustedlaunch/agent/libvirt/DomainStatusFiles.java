package io.trustedlaunch.agent.libvirt;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files in which libvirt records running domains, for its own next start. Only root can write it.
 *
 * @param runFolder libvirt's folder with these files
 */
record DomainStatusFiles(Path runFolder) {
    private static final Logger LOG = LoggerFactory.getLogger(DomainStatusFiles.class);

    /** Whether libvirt has a job of the domain that is a backup, of which it may know nothing else. */
    boolean hasBackupJob(UUID vm) {
        try {
            return !LibvirtXml.parse(Files.readString(runFolder.resolve(vm + ".xml")))
                    .values("/domstatus/job/@async[. = 'backup']")
                    .isEmpty();
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn("VM {}: libvirt's own status cannot be read: {}", vm, e.getMessage());
            return false;
        }
    }
}
