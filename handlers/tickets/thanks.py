"""Is a message nothing but thanks, or word that all is well?"""

from __future__ import annotations

import re
from collections.abc import Collection

LONGEST = 120  # characters; who writes more has more to say

# A message is thanks when it consists of these alone: whatever else it says, a "but", a "not",
# a question, is worth a look, and nobody should have to write it twice. By language, what says
# it, and what may stand beside it.
# Longer phrases stand before those they begin with.
_SAYS = {
    "en": r"thanks|thank you|thx|thnx|tnx|ty|tysm|cheers|much appreciated"
    r"|(?:good|great|nice) job|well done|you rock|you're the best|problem solved"
    r"|(?:it|that) (?:helped|did it|did the trick|fixed it|solved it)|it's (?:working|fixed|fine)"
    r"|(?:(?:it|that|this|everything|all) )?(?:is )?(?:now )?(?:all )?"
    r"(?:works?|working|worked|fixed|solved|resolved)(?: like a charm)?"
    r"|all good|all set|all is well|perfect|great|awesome|brilliant|excellent|wonderful|lovely"
    r"|super|nice|cool|ok|okay",
    "de": r"danke|dankeschön|(?:vielen|besten|herzlichen|tausend) dank|merci|super|prima|perfekt"
    r"|klasse|toll|passt|alles gut|alles klar|erledigt|gelöst|hat geklappt|hat geholfen"
    r"|(?:es |das |jetzt |nun )*(?:geht|läuft|funktioniert|klappt)(?: es)?",
    "fr": r"mille mercis|merci|parfait|génial|nickel|super|top|résolu"
    r"|(?:ça|tout|cela) (?:marche|fonctionne)|c'est (?:bon|réglé|résolu|parfait)",
    "es": r"gracias|perfecto|genial|excelente|vale|solucionado|resuelto"
    r"|(?:ya )?(?:funciona|está solucionado|está resuelto|está arreglado)",
    "pt": r"obrigad[oa]|valeu|perfeito|ótimo|excelente|resolvido|show"
    r"|(?:já )?(?:está )?(?:funciona|funcionou|funcionando)",
}
_BESIDE = {
    "en": r"so|very|much|a lot|a million|a bunch|lots|again|now|fine|perfectly|great|as well|well"
    r"|too|for me|hi|hello|hey|yes|yep|yeah|wow|oh|everyone|everybody|all|guys|team|folks|you|and"
    r"|for (?:all )?(?:the|your)(?: (?:quick|fast|great|kind|prompt))*"
    r" (?:help|support|reply|response|answer|fix|assistance)|it is|it's",
    "de": r"sehr|schön|jetzt|nun|wieder|alles|ja|hallo|euch|dir|ihnen|und|team|allen"
    r"|für (?:die|deine|eure|ihre)(?: (?:schnelle|tolle|gute))* (?:hilfe|antwort|unterstützung)",
    "fr": r"beaucoup|bien|maintenant|tout|oui|bonjour|à tous|à vous|et|pour (?:votre|ton) aide",
    "es": r"muchas|muchísimas|mil|muy|bien|ahora|todo|sí|hola|a todos|y|por (?:la|su|tu) ayuda",
    "pt": r"muito|bem|agora|tudo|sim|olá|a todos|e|pela ajuda",
}
# Written without spaces, and so looked for letter by letter.
_UNSPACED_SAYS = (
    r"谢谢(?:你们|您们|你|您|大家)?|谢了|多谢|非常感谢|感谢|好的|好了|可以了|能用了|解决了|搞定了?|修好了"
    r"|謝謝(?:你們|你|您|大家)?|多謝|非常感謝|感謝|解決了|修好了"
    r"|(?:どうも)?ありがとう(?:ございます|ございました)?|助かりました|感謝します|動きました|直りました"
    r"|解決しました|使えるようになりました|できました|大丈夫です|了解です|了解しました"
    r"|감사합니다|감사해요|감사|고맙습니다|고마워요|고마워|해결됐습니다|해결되었습니다|해결됐어요"
    r"|(?:이제 ?)?(?:잘 ?)?(?:됩니다|돼요|작동합니다|작동해요)|좋아요|완벽해요"
    r"|[👍🙏🎉😊🙂😀😃😄❤♥💯✅🥳🙌👌💪😍🤩👏✨]"
)
_UNSPACED_BESIDE = r"现在|已经|太|很|非常|都|現在|已經|本当に|とても|もう|今は|정말|너무|매우|이제"


def _spaced(patterns: Collection[str]) -> str:
    return rf"(?:{'|'.join(patterns)})(?!\w)"


_SAID = re.compile(rf"{_spaced(_SAYS.values())}|{_UNSPACED_SAYS}")
_PIECES = (_SAID, re.compile(rf"{_spaced(_BESIDE.values())}|{_UNSPACED_BESIDE}"))
# Marks of all scripts, what changes the looks of an emoji, and smiles.
_BETWEEN = re.compile(
    r"[\s.,;:!¡…~\-–—()*_\u3001\u3002\u30fb\uff01\uff0c\uff5e\ufe0f\u200d\U0001f3fb-\U0001f3ff]+"
)


def is_thanks(text: str, names: Collection[str] = ()) -> bool:
    """Tell whether a text only thanks, or only says that it works now.

    Args:
        text: what somebody wrote, plain, without what it quotes.
        names: of those whom it may thank, as it may name them.
    """
    left = text.casefold().replace("’", "'").strip()
    if len(left) > LONGEST:
        return False
    called = {word for name in names for word in (name.casefold(), *name.casefold().split())}
    named = re.compile(rf"@?(?:{'|'.join(map(re.escape, sorted(called, reverse=True)))})(?!\w)")
    pieces = (*_PIECES, named) if called else _PIECES
    at, said = 0, False
    while at < len(left):
        found = [match for piece in pieces if (match := piece.match(left, at)) and match.end() > at]
        if found:
            longest = max(found, key=lambda match: match.end())
            said, at = said or longest.re is _SAID, longest.end()
        elif between := _BETWEEN.match(left, at):
            at = between.end()
        else:
            return False
    return said
