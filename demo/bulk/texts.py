"""What invented customers complain about, and what they are answered; in Chinese and in English.

Every name, plate and number is made up; the phone numbers begin with 100, which no subscriber has.
"""

import random
from dataclasses import dataclass

SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰建国志文海波"
# Names hold characters that nothing else does; each turns up in a few of ten thousand cases.
RARE = "犇淼焱垚鑫喆頔翀"
ENGLISH_NAMES = ("Baker", "Carter", "Dixon", "Ellis", "Foster", "Grant", "Hughes", "Irving", "Jordan", "Keller")
ENGLISH_FIRST = ("Anna", "Brian", "Clara", "David", "Emma", "Frank", "Grace", "Henry", "Iris", "Jack")
PROVINCES = "陕京沪粤川浙苏鲁豫鄂"

# (Chinese, English): what it is about and what is wrong with it, the common before the rare.
THINGS = (
    ("加油机", "the pump"),
    ("加油员", "the attendant"),
    ("电子发票", "the electronic invoice"),
    ("加油卡", "my fuel card"),
    ("优惠券", "the coupon"),
    ("收银台", "the till"),
    ("洗车机", "the car wash"),
    ("手机应用", "the app"),
    ("九二号汽油", "the petrol"),
    ("柴油", "the diesel"),
    ("便利店", "the shop"),
    ("卫生间", "the toilet"),
    ("充电桩", "the charger"),
    ("站长", "the station manager"),
    ("油枪", "the nozzle"),
    ("会员积分", "the bonus points"),
    ("技师", "the technician"),
    ("自助终端", "the terminal"),
    ("停车位", "the parking space"),
    ("监控录像", "the camera"),
    ("轮胎充气泵", "the tyre inflator"),
    ("电梯", "the lift"),
    ("油罐车", "the tanker"),
    ("消防器材", "the fire extinguisher"),
)
FAULTS = (
    ("计量不准确", "measures wrongly"),
    ("态度很差", "was very rude"),
    ("重复扣款", "charged me twice"),
    ("排队时间太长", "keeps people queueing"),
    ("迟迟没有处理", "is still not dealt with"),
    ("与公示不一致", "differs from what is displayed"),
    ("突然故障无法使用", "broke down and cannot be used"),
    ("拒绝开具凭证", "refused to give any proof"),
    ("金额显示错误", "shows a wrong amount"),
    ("未到账", "never arrived"),
    ("有异味", "smells strange"),
    ("划伤了车漆", "scratched the paint"),
    ("推诿不管", "sent me from one to the next"),
    ("强行推销", "pushed me to buy more"),
    ("脏乱无人打扫", "is dirty and nobody cleans"),
    ("系统显示异常", "reports an error all the time"),
    ("约好时间却没有来", "did not come when agreed"),
    ("泄露个人信息", "gave away my personal data"),
    ("漏油", "is leaking"),
    ("噪声扰民", "makes noise at night"),
    ("含水导致发动机抖动", "held water and made the engine stutter"),
    ("滴漏起火险些伤人", "nearly caused a fire"),
)
# The first of a list is named how much more often than the last: as (place + this) is to it.
COMMON = 3
DETAILS = (
    ("我当场找站长反映，没有得到答复", "I told the station manager at once and got no answer"),
    ("前天打过电话，说会回电，一直没有消息", "I called the day before yesterday and nobody called back"),
    ("有照片和小票可以证明", "I have photos and the receipt"),
    ("当时还有两位顾客在场", "two other customers saw it"),
    ("这已经是第二次遇到同样的情况", "this is the second time it happened"),
    ("监控应该能够看到全过程", "the cameras must have seen it all"),
)
WISHES = (
    ("要求退还多收的钱", "Pay back what was too much"),
    ("请核实后给我回电", "Check it and call me back"),
    ("要求道歉并改进服务", "An apology, and better service"),
    ("希望尽快补开发票", "The missing invoice"),
    ("要求赔偿维修费用", "Pay for the repair"),
)
OUTGOING = (
    ("{name}您好，感谢您的反映，给您带来不便深表歉意。我们已经开始核查，{day}日前回复您。",
     "Dear {name}, thank you for telling us, and we are sorry. We are looking into it and answer by the {day}th."),
    ("{name}您好，计量记录和监控已经调出，核查结果{day}日前告诉您。",
     "Dear {name}, we have the pump's records and the video; you hear the result by the {day}th."),
    ("{name}您好，处理结果：经核实情况属实，多收的金额已经退回原账户，责任人已经培训。感谢您的监督。",
     "Dear {name}, you were right: the amount went back to your account and the shift was trained. Thank you."),
    ("{name}您好，请补充小票照片，方便我们核对。", "Dear {name}, please send a photo of the receipt to compare."),
)  # fmt: skip
INTERNAL = (
    (
        "已联系当班班长，情况基本属实，等监控截图。",
        "Spoke with the shift leader; largely true, waiting for the video.",
    ),
    (
        "计量检定误差在允差以内，铅封完好，拟现场复测。",
        "Error within tolerance, seal intact; we measure again on site.",
    ),
    ("财务确认两笔扣款，其中一笔可以原路退回。", "Accounts see two charges; one can go back the way it came."),
    ("客户情绪激动，建议由站长本人致电。", "The customer is upset; the station manager should call."),
)
INBOUND = (
    ("到今天还没有人给我答复。", "Nobody has answered me so far."),
    ("小票照片已经上传，请查收。", "I have uploaded the receipt."),
    ("谢谢，钱已经收到了。", "Thank you, the money has arrived."),
    ("下午三点以后都可以给我打电话。", "You can call me any time after three."),
)
SOLUTIONS = (
    ("多收金额已退回，设备已复检", "Amount paid back, equipment checked"),
    ("已道歉并补开发票", "Apologised; invoice issued"),
    ("已赔偿维修费用，当班人员已培训", "Repair paid for, shift trained"),
    ("核查未发现异常，已向客户说明并出示记录", "Nothing wrong found; explained with the records"),
)
LESSONS = (
    ("更换铅封后应当复测", "Measure again after a seal is changed"),
    ("高峰时段至少开三台加油机", "Open three pumps at least in the rush hour"),
    ("退款进度应主动告知客户", "Tell the customer how far a refund is without being asked"),
)


@dataclass(frozen=True)
class Story:
    """One invented complaint: whose, in which words, and what came of it."""

    language: str
    name: str
    title: str
    phone: str
    narrative: str
    place: str
    wish: str
    restatement: str
    solution: str
    lesson: str


class Teller:
    """Tells stories by the dice it was given; the same dice tell the same stories."""

    def __init__(self, dice: random.Random):
        self.dice = dice

    def story(self, site: tuple[str, str], month: int, day: int) -> Story:
        """One complaint about a site (Chinese name, English name) on a day."""
        dice = self.dice
        english = dice.random() < 0.25
        thing, fault = self._one_of(THINGS), self._one_of(FAULTS)
        topic = (f"{thing[0]}{fault[0]}", f"{thing[1]} {fault[1]}")
        detail, wish = dice.choice(DETAILS), dice.choice(WISHES)
        solution, lesson = dice.choice(SOLUTIONS), dice.choice(LESSONS)
        pump, plate = dice.randint(1, 12), self._plate()
        serial = f"SN-{dice.randint(1000, 9999)}-{dice.choice('ABCDEFXYZ')}{dice.randint(10, 99)}"
        if english:
            narrative = (
                f"On {day}/{month} I was at {site[1]}, pump {pump}: {topic[1]}. {detail[1].capitalize()}. "
                f"My plate is {plate}, the machine's number {serial}."
            )
            place, restatement = f"Pump {pump}", f"{topic[1].capitalize()}\n{detail[1].capitalize()}"
        else:
            narrative = (
                f"{month}月{day}日我在{site[0]}{pump}号加油机加油，{topic[0]}。{detail[0]}。"
                f"车牌{plate}，设备编号{serial}。"
            )
            place, restatement = f"{pump}号加油机", f"{topic[0]}\n{detail[0]}"
        spoken = 1 if english else 0
        return Story(
            language="en" if english else "zh-hans",
            name=self._english_name() if english else self._name(),
            title=dice.choice(["", "mr", "ms"]),
            phone=f"100 {dice.randint(0, 9999):04d} {dice.randint(0, 9999):04d}",
            narrative=narrative,
            place=place,
            wish=wish[spoken],
            restatement=restatement,
            solution=solution[spoken],
            lesson=lesson[spoken],
        )

    def message(self, kind: str, story: Story, day: int) -> str:
        """One entry of the conversation: of the desk, inside it, or of the customer."""
        lines = {"public": OUTGOING, "internal": INTERNAL, "inbound": INBOUND}[kind]
        text = self.dice.choice(lines)[1 if story.language == "en" else 0]
        return text.format(name=story.name, day=day)

    def _one_of(self, texts: tuple) -> tuple[str, str]:
        """One of the texts, the first ones more often than the last."""
        return self.dice.choices(texts, [1 / (place + COMMON) for place in range(len(texts))])[0]

    def _name(self) -> str:
        rare = self.dice.random() < 0.005
        given = self.dice.choice(RARE) if rare else "".join(self.dice.choices(GIVEN, k=self.dice.choice([1, 2])))
        return self.dice.choice(SURNAMES) + given

    def _english_name(self) -> str:
        return f"{self.dice.choice(ENGLISH_FIRST)} {self.dice.choice(ENGLISH_NAMES)}"

    def _plate(self) -> str:
        return f"{self.dice.choice(PROVINCES)}{self.dice.choice('ABCDE')}·{self.dice.randint(10000, 99999)}"
