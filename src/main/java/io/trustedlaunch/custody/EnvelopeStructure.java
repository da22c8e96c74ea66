package io.trustedlaunch.custody;

import java.io.IOException;
import java.util.Arrays;
import org.bouncycastle.asn1.cms.AuthEnvelopedData;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.cms.KeyAgreeRecipientInfo;
import org.bouncycastle.asn1.cms.RecipientInfo;
import org.bouncycastle.cms.CMSAuthEnvelopedData;
import org.bouncycastle.cms.CMSException;

/**
 * The one form of CMS that an envelope has; {@link AuthenticatedContent} says why there is only one, and how a reader
 * makes sure of it.
 */
final class EnvelopeStructure {
    private EnvelopeStructure() {}

    static CMSAuthEnvelopedData parse(byte[] envelope) throws IOException, CMSException {
        AuthEnvelopedData found =
                AuthEnvelopedData.getInstance(ContentInfo.getInstance(envelope).getContent());
        AgreedKey key = AgreedKey.parse((KeyAgreeRecipientInfo)
                RecipientInfo.getInstance(found.getRecipientInfos().getObjectAt(0))
                        .getInfo());
        if (key.curve() != NamedCurve.P_256
                || !Arrays.equals(AuthenticatedContent.in(found).encodedFor(key.recipient()), envelope)) {
            throw new IOException("not the form that envelopes have");
        }
        return new CMSAuthEnvelopedData(envelope);
    }
}
