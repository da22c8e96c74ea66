package io.trustedlaunch.custody;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.asn1.cms.KEKIdentifier;
import org.bouncycastle.asn1.cms.Time;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAESOAEPparams;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.cms.CMSAlgorithm;
import org.bouncycastle.cms.CMSAttributeTableGenerator;
import org.bouncycastle.cms.CMSAuthEnvelopedDataGenerator;
import org.bouncycastle.cms.CMSEnvelopedDataGenerator;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.OriginatorInfoGenerator;
import org.bouncycastle.cms.RecipientInfoGenerator;
import org.bouncycastle.cms.SimpleAttributeTableGenerator;
import org.bouncycastle.cms.jcajce.JceCMSContentEncryptorBuilder;
import org.bouncycastle.cms.jcajce.JceKEKRecipientInfoGenerator;
import org.bouncycastle.cms.jcajce.JceKeyAgreeRecipientInfoGenerator;
import org.bouncycastle.cms.jcajce.JceKeyTransRecipientInfoGenerator;
import org.bouncycastle.cms.jcajce.JcePasswordRecipientInfoGenerator;
import org.bouncycastle.operator.OutputAEADEncryptor;

/**
 * Messages that BouncyCastle's generators write: a second opinion on the one form that is written here, and other forms
 * of CMS that hold the same content for the same recipient.
 */
final class GeneratedCms {
    private static final SecureRandom RANDOM = new SecureRandom();

    private static final CMSAttributeTableGenerator SIGNED_AT = new SimpleAttributeTableGenerator(
            new AttributeTable(new Attribute(CMSAttributes.signingTime, new DERSet(new Time(new Date(0))))));

    /** Changes a generator before it writes. */
    private interface Change {
        void of(CMSAuthEnvelopedDataGenerator generator) throws CMSException, IOException;
    }

    private final byte[] content;
    private final RecipientInfoGenerator recipient;

    private GeneratedCms(byte[] content, RecipientInfoGenerator recipient) {
        this.content = content;
        this.recipient = recipient;
    }

    /** As it is written here, too. */
    static byte[] forKeyPair(byte[] content, PublicKey key) throws Exception {
        return new GeneratedCms(content, recipient(key)).message(generator -> {});
    }

    /** As it is written here, too. */
    static byte[] forSecretKey(byte[] content, byte[] identifier, byte[] key) throws Exception {
        return new GeneratedCms(content, secret(new KEKIdentifier(identifier, null, null), key))
                .message(generator -> {});
    }

    /** By the difference that makes each of them another form. */
    static Map<String, byte[]> otherFormsForKeyPair(byte[] content, PublicKey key) throws Exception {
        RecipientInfoGenerator usual = recipient(key);
        Map<String, byte[]> forms = otherForms(content, usual);
        if (key instanceof ECPublicKey) {
            forms.putAll(otherAgreements(content, key));
        } else {
            forms.putAll(otherTransports(content, key));
        }
        return forms;
    }

    static Map<String, byte[]> otherFormsForSecretKey(byte[] content, byte[] identifier, byte[] key) throws Exception {
        KEKIdentifier usual = new KEKIdentifier(identifier, null, null);
        KEKIdentifier dated = new KEKIdentifier(identifier, new ASN1GeneralizedTime("20260301120000Z"), null);
        Map<String, byte[]> forms = otherForms(content, secret(usual, key));
        forms.put("a date of the key", new GeneratedCms(content, secret(dated, key)).message(generator -> {}));
        return forms;
    }

    private static Map<String, byte[]> otherForms(byte[] content, RecipientInfoGenerator usual) throws Exception {
        GeneratedCms cms = new GeneratedCms(content, usual);
        RecipientInfoGenerator stranger =
                recipient(EllipticCurve.newPair(RANDOM).getPublic());
        Map<String, byte[]> forms = new LinkedHashMap<>();
        forms.put("a second recipient", cms.message(generator -> generator.addRecipientInfoGenerator(stranger)));
        forms.put(
                "a password that opens it",
                cms.message(generator -> generator.addRecipientInfoGenerator(
                        new JcePasswordRecipientInfoGenerator(CMSAlgorithm.AES256_CBC, new char[] {'x'})
                                .setProvider(EllipticCurve.PROVIDER))));
        forms.put(
                "authenticated attributes",
                cms.message(generator -> generator.setAuthenticatedAttributeGenerator(SIGNED_AT)));
        forms.put(
                "other attributes",
                cms.message(generator -> generator.setUnauthenticatedAttributeGenerator(SIGNED_AT)));
        forms.put(
                "an originator",
                cms.message(generator -> generator.setOriginatorInfo(
                        new OriginatorInfoGenerator(Certificates.holder(certificate())).generate())));
        forms.put("AES-128-GCM", cms.message(CMSAlgorithm.AES128_GCM, ASN1Encoding.DER));
        forms.put("AES-256-CCM", cms.message(CMSAlgorithm.AES256_CCM, ASN1Encoding.DER));
        forms.put("indefinite lengths", cms.message(CMSAlgorithm.AES256_GCM, ASN1Encoding.BER));
        forms.put("content without authentication", cms.withoutAuthentication());
        return forms;
    }

    private static Map<String, byte[]> otherAgreements(byte[] content, PublicKey key) throws Exception {
        byte[] id = EllipticCurve.keyIdentifier(key);
        Map<String, RecipientInfoGenerator> recipients = new LinkedHashMap<>();
        recipients.put(
                "a KDF with SHA-1",
                agreement(key, CMSAlgorithm.ECDH_SHA1KDF, CMSAlgorithm.AES256_WRAP)
                        .addRecipient(id, key));
        recipients.put(
                "a KDF with SHA-512",
                agreement(key, CMSAlgorithm.ECDH_SHA512KDF, CMSAlgorithm.AES256_WRAP)
                        .addRecipient(id, key));
        recipients.put(
                "cofactor ECDH",
                agreement(key, CMSAlgorithm.ECCDH_SHA256KDF, CMSAlgorithm.AES256_WRAP)
                        .addRecipient(id, key));
        recipients.put(
                "AES-128 key wrap",
                agreement(key, CMSAlgorithm.ECDH_SHA256KDF, CMSAlgorithm.AES128_WRAP)
                        .addRecipient(id, key));
        recipients.put(
                "keying material",
                usualAgreement(key).setUserKeyingMaterial(new byte[16]).addRecipient(id, key));
        recipients.put(
                "the key wrapped twice",
                usualAgreement(key).addRecipient(id, key).addRecipient(id, key));
        recipients.put("a certificate's name", usualAgreement(key).addRecipient(certificate(key)));
        Map<String, byte[]> forms = new LinkedHashMap<>();
        for (Map.Entry<String, RecipientInfoGenerator> each : recipients.entrySet()) {
            forms.put(each.getKey(), new GeneratedCms(content, each.getValue()).message(generator -> {}));
        }
        return forms;
    }

    private static Map<String, byte[]> otherTransports(byte[] content, PublicKey key) throws Exception {
        byte[] id = EllipticCurve.keyIdentifier(key);
        AlgorithmIdentifier pkcs1 = new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE);
        Map<String, RecipientInfoGenerator> recipients = new LinkedHashMap<>();
        recipients.put("PKCS #1 v1.5", transport(id, pkcs1, key));
        recipients.put(
                "OAEP with SHA-1",
                transport(
                        id, new AlgorithmIdentifier(PKCSObjectIdentifiers.id_RSAES_OAEP, new RSAESOAEPparams()), key));
        recipients.put(
                "OAEP with SHA-512",
                transport(id, oaep(new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha512, DERNull.INSTANCE)), key));
        Map<String, byte[]> forms = new LinkedHashMap<>();
        for (Map.Entry<String, RecipientInfoGenerator> each : recipients.entrySet()) {
            forms.put(each.getKey(), new GeneratedCms(content, each.getValue()).message(generator -> {}));
        }
        return forms;
    }

    private byte[] message(Change change) throws CMSException, IOException {
        return message(CMSAlgorithm.AES256_GCM, ASN1Encoding.DER, change);
    }

    private byte[] message(ASN1ObjectIdentifier cipher, String encoding) throws CMSException, IOException {
        return message(cipher, encoding, generator -> {});
    }

    private byte[] message(ASN1ObjectIdentifier cipher, String encoding, Change change)
            throws CMSException, IOException {
        var generator = new CMSAuthEnvelopedDataGenerator();
        generator.addRecipientInfoGenerator(recipient);
        change.of(generator);
        var encryptor = (OutputAEADEncryptor) new JceCMSContentEncryptorBuilder(cipher)
                .setProvider(EllipticCurve.PROVIDER)
                .build();
        return generator
                .generate(new CMSProcessableByteArray(content), encryptor)
                .toASN1Structure()
                .getEncoded(encoding);
    }

    private byte[] withoutAuthentication() throws CMSException, IOException {
        var generator = new CMSEnvelopedDataGenerator();
        generator.addRecipientInfoGenerator(recipient);
        return generator
                .generate(
                        new CMSProcessableByteArray(content),
                        new JceCMSContentEncryptorBuilder(CMSAlgorithm.AES256_CBC)
                                .setProvider(EllipticCurve.PROVIDER)
                                .build())
                .toASN1Structure()
                .getEncoded(ASN1Encoding.DER);
    }

    private static RecipientInfoGenerator recipient(PublicKey key) throws Exception {
        byte[] id = EllipticCurve.keyIdentifier(key);
        return key instanceof RSAPublicKey
                ? transport(id, oaep(new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256, DERNull.INSTANCE)), key)
                : usualAgreement(key).addRecipient(id, key);
    }

    private static RecipientInfoGenerator secret(KEKIdentifier identifier, byte[] key) {
        return new JceKEKRecipientInfoGenerator(identifier, new SecretKeySpec(key, "AES"))
                .setProvider(EllipticCurve.PROVIDER);
    }

    private static JceKeyAgreeRecipientInfoGenerator usualAgreement(PublicKey key) throws GeneralSecurityException {
        return agreement(key, CMSAlgorithm.ECDH_SHA256KDF, CMSAlgorithm.AES256_WRAP);
    }

    private static JceKeyAgreeRecipientInfoGenerator agreement(
            PublicKey key, ASN1ObjectIdentifier agreement, ASN1ObjectIdentifier wrap) throws GeneralSecurityException {
        KeyPairGenerator pairs = KeyPairGenerator.getInstance("EC", EllipticCurve.PROVIDER);
        pairs.initialize(((ECPublicKey) key).getParams());
        KeyPair ephemeral = pairs.generateKeyPair();
        return new JceKeyAgreeRecipientInfoGenerator(agreement, ephemeral.getPrivate(), ephemeral.getPublic(), wrap)
                .setProvider(EllipticCurve.PROVIDER);
    }

    private static RecipientInfoGenerator transport(byte[] id, AlgorithmIdentifier algorithm, PublicKey key) {
        return new JceKeyTransRecipientInfoGenerator(id, algorithm, key).setProvider(EllipticCurve.PROVIDER);
    }

    private static AlgorithmIdentifier oaep(AlgorithmIdentifier hash) {
        return new AlgorithmIdentifier(
                PKCSObjectIdentifiers.id_RSAES_OAEP,
                new RSAESOAEPparams(
                        hash,
                        new AlgorithmIdentifier(PKCSObjectIdentifiers.id_mgf1, hash),
                        RSAESOAEPparams.DEFAULT_P_SOURCE_ALGORITHM));
    }

    private static X509Certificate certificate() {
        return certificate(EllipticCurve.newPair(RANDOM).getPublic());
    }

    private static X509Certificate certificate(PublicKey key) {
        SigningPair issuer = SigningPair.create(
                "test", CustodyFixture.NOW, CustodyFixture.NOW.plus(CustodyFixture.LIFETIME), RANDOM);
        return issuer.sign(
                issuer.builder(
                        NodeSubject.distinguishedName("host-a"),
                        key,
                        CustodyFixture.NOW,
                        CustodyFixture.NOW.plus(CustodyFixture.LIFETIME),
                        RANDOM),
                RANDOM);
    }
}
