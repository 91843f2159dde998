"""Against the vectors of the providers' own documents, and against values computed apart from this code."""

from followups.delivery.sms import signing

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_acs3_over_a_text_message():
    query = signing.query_of(
        {
            "TemplateParam": '{"c":"a b*~"}',
            "PhoneNumbers": "15300000001",
            "TemplateCode": "SMS_1",
            "SignName": "Demo",
        }
    )
    assert query == (
        "PhoneNumbers=15300000001&SignName=Demo&TemplateCode=SMS_1&TemplateParam=%7B%22c%22%3A%22a%20b%2A~%22%7D"
    )
    headers = {
        "x-acs-action": "SendSms",
        "x-acs-version": "2017-05-25",
        "x-acs-date": "2026-01-02T03:04:05Z",
        "x-acs-signature-nonce": "n-1",
        "x-acs-content-sha256": EMPTY,
        "host": "dysmsapi.aliyuncs.com",
    }
    text, names = signing.canonical("POST", query, headers, EMPTY)
    assert signing.sha256(text.encode()) == "4a849bc7f45ea4fd8931d02d726294b87da23ab3f943e650cdadaeef3d6f13df"
    assert signing.acs3("testId", "testSecret", query=query, headers=headers) == (
        f"ACS3-HMAC-SHA256 Credential=testId,SignedHeaders={names},"
        "Signature=69005ea575100e67b85fe95d1ba7f332446932968703f61f6600d76256e80382"
    )


def test_acs3_as_it_was_published():
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": EMPTY,
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    image = "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"
    query = signing.query_of({"ImageId": image, "RegionId": "cn-shanghai"})
    signed = signing.acs3("YourAccessKeyId", "YourAccessKeySecret", query=query, headers=headers)
    assert signed.endswith("06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")


def test_tc3():
    body = (
        b'{"PhoneNumberSet":["+8613800000000"],"SmsSdkAppId":"1400000000","TemplateId":"100001","SignName":"Demo",'
        b'"TemplateParamSet":["42"],"SessionContext":"case-42"}'
    )
    headers = {"content-type": "application/json; charset=utf-8", "host": "sms.tencentcloudapi.com"}
    assert signing.sha256(body) == "3412366901de76ec9e861b27bb3060e16e64257c70220b1a6bc127f8027809d4"
    text, _names = signing.canonical("POST", "", headers, signing.sha256(body))
    assert signing.sha256(text.encode()) == "f7d3083a2e0272ecb9f91f44da6d7d931ca94bdc49ed345a1e482efd65c09dd6"
    signed = signing.tc3("AKIDdemo", "demoSecretKey", service="sms", headers=headers, body=body, second=1767323045)
    assert signed == (
        "TC3-HMAC-SHA256 Credential=AKIDdemo/2026-01-02/sms/tc3_request, SignedHeaders=content-type;host, "
        "Signature=431d4635f4d1f31768866ec996b469d9249b6506bd5b7d64aea0e7de6184e2ef"
    )


def test_the_generic_contract():
    assert signing.json_signature("secret", "1767323045", b'{"ref":"1"}') == (
        "sha256=b507e2eba9df2a3b1496a655fc795294eccc61e54f112499a8806e0eac3ca038"
    )
