"""The words of mail about alerts, in Chinese and English."""

PRIORITIES = {1: "I", 2: "II", 3: "III", 4: "IV"}
WORDS: dict[str, tuple[str, str]] = {
    "name": ("一张图", "One Map"),
    "raised": ("告警", "Alert"),
    "again": ("再次告警", "Alert again"),
    "cleared": ("已恢复", "Cleared"),
    "acknowledged": ("已确认", "Acknowledged"),
    "assigned": ("已指派", "Assigned"),
    "shelved": ("已搁置", "Shelved"),
    "unshelved": ("取消搁置", "Taken off the shelf"),
    "expired": ("搁置到期", "Shelf expired"),
    "taken_out": ("已停用", "Out of service"),
    "put_back": ("恢复使用", "Back in service"),
    "suppressed": ("已抑制", "Suppressed"),
    "released": ("解除抑制", "Released"),
    "incident_raised": ("已立案卷", "Incident raised"),
    "chattering": ("频繁抖动", "Chattering"),
    "forgotten": ("规则已关闭", "Rule switched off"),
    "test": ("测试", "Test"),
    "made_up": ("模拟", "SIMULATED"),
    "made_up.note": (
        "数据来自模拟或回放，并非真实情况。",
        "This rests on simulated or played back events; it is not real.",
    ),
    "test.title": ("通知渠道测试，无需处理", "Test of this outlet; nothing is to be done"),
    "digest": (
        "{n} 条告警消息，最高 {priority} 级",
        "{n} alert messages, priority {priority} at most",
    ),
    "one": ("{what}（{priority} 级）：{title}", "{what} (priority {priority}): {title}"),
    "time": ("时间", "Time"),
    "area": ("区域", "Area"),
    "value": ("数值", "Value"),
    "by": ("操作人", "By"),
    "note": ("说明", "Note"),
    "rule": ("规则", "Rule"),
    "alert": ("告警编号", "Alert"),
    "footer": (
        "由一张图自动发送。渠道：{outlet}",
        "Sent by One Map by itself. Outlet: {outlet}",
    ),
}


def word(name: str, lang: str) -> str:
    """`lang`: zh or en. What has no words is shown as it is."""
    zh, en = WORDS.get(name, (name, name))
    return zh if lang == "zh" else en
