"""HypRank's network."""

from typing import Any, NamedTuple

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from components.hyprank.options import CHOICES
from components.records.hyprank.arithmetic import MOST_INPUT, SURE
from components.records.hyprank.rank import NO_SCORE


class Outputs(NamedTuple):
    """What the network says of B lists of k hypotheses.

    Attributes:
        scores: float [B, k], by which a list is ordered; `NO_SCORE` for padding.
        log_odds: float [B, k], that each hypothesis is right, before calibration; in the order of the scores.
        none: float [B], the log-odds that no hypothesis is right.
    """

    scores: Any
    log_odds: Any
    none: Any


@keras.saving.register_keras_serializable("arbiter")
class HypRankNetwork(keras.Model):
    """A BiLSTM over the list beside each hypothesis' own features, a hidden layer, and outputs of the list.

    Kim et al. (2018), https://arxiv.org/abs/1804.08064, §3.3: g_i = p_i ⊕ h_i (LSTM_C), p_i + h_i or h_i
    alone (LSTM_O), q_i = W₂·SeLU(W₁·g_i + b₁) + b₂. From the hidden layer's mean and maximum over the list
    come three numbers of the list: the log-odds v that its best hypothesis is right; g > 0, how fast they
    fall with the score, v + g·(q_i - q_best), so that they keep its order; the log-odds that none is right.
    Shapes: B lists, k hypotheses, F features, T columns of the skill table.

    Args:
        features, skill_features: F and T.
        key: Number of the feature by which "shortlister" orders the list that the BiLSTM reads.
        vectors: How many of the features, the last ones, are numbers of vectors that stand for names.
        context: "concat" (LSTM_C), "sum", "only" (LSTM_O), or "none", no BiLSTM at all.
        order: "shortlister": the list is read by falling score, so that the answer does not depend on the
            order it comes in; "given": it is read as it comes.
        skill_size, lstm_size, hidden_size: Of a skill's vector, of the LSTM a direction, of the hidden layer.
        dropout: Share dropped of the hidden layer while training.
        vector_dropout: The same of those vectors and of the skills': they tell one skill from another, so
            that few lists are soon known by heart. The other inputs are few, and none may be missed.
        seed: Of the dropout.

    Inputs: {"features": float [B, k, F], "mask": bool [B, k], "skills": float [B, k, T]}.
    Returns: `Outputs`; an empty list has no score and the log-odds 20 of none.
    """

    def __init__(
        self,
        *,
        features: int,
        skill_features: int,
        key: int = 0,
        vectors: int = 0,
        context: str = "concat",
        order: str = "shortlister",
        skill_size: int = 16,
        lstm_size: int = 64,
        hidden_size: int = 128,
        dropout: float = 0.1,
        vector_dropout: float = 0.0,
        seed: int = 0,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("name", "network")  # never numbered: files are the same whatever was built before
        super().__init__(**kwargs)
        for name, value in (("context", context), ("order", order)):
            if value not in CHOICES[name]:
                raise ValueError(
                    f"`{name}` must be one of {', '.join(CHOICES[name])}. Received: {name}={value!r}"
                )
        self.settings = {
            "features": features,
            "skill_features": skill_features,
            "key": key,
            "vectors": vectors,
            "context": context,
            "order": order,
            "skill_size": skill_size,
            "lstm_size": lstm_size,
            "hidden_size": hidden_size,
            "dropout": dropout,
            "vector_dropout": vector_dropout,
            "seed": seed,
        }
        self.key, self.context, self.order = key, context, order
        self.numbers = features - vectors
        self.mean = self.add_weight(shape=(features,), initializer="zeros", trainable=False, name="mean")
        self.scale = self.add_weight(shape=(features,), initializer="ones", trainable=False, name="scale")
        self.skill = keras.layers.Dense(skill_size)
        self.forward: Any = None
        self.backward: Any = None
        self.project: Any = None
        if context != "none":
            self.forward = keras.layers.LSTM(lstm_size, return_sequences=True)
            self.backward = keras.layers.LSTM(lstm_size, return_sequences=True, go_backwards=True)
        if context == "sum":
            self.project = keras.layers.Dense(2 * lstm_size)
        self.hidden = keras.layers.Dense(hidden_size, activation="selu")
        self.drop = keras.layers.Dropout(dropout, seed=seed)
        self.drop_vectors = keras.layers.Dropout(vector_dropout, seed=seed + 1)
        self.score = keras.layers.Dense(1)
        self.pool = keras.layers.Dense(32, activation="selu")
        self.outputs_of_list = keras.layers.Dense(3, bias_initializer=_list_bias)
        self(
            {
                "features": np.zeros((1, 2, features), np.float32),
                "mask": np.ones((1, 2), bool),
                "skills": np.zeros((1, 2, skill_features), np.float32),
            }
        )

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Nothing is left to build: the constructor makes the weights."""

    def standardise(self, features: npt.NDArray[np.float32], mask: npt.NDArray[np.bool_]) -> None:
        """Takes each feature's mean and deviation from some lists; one that never varies becomes 0."""
        values = features[mask].astype(np.float64)  # [N, F]
        if len(values):
            deviation = values.std(axis=0)
            self.mean.assign(values.mean(axis=0).astype(np.float32))
            self.scale.assign(np.where(deviation > 1e-6, deviation, 1.0).astype(np.float32))

    def call(self, inputs: dict[str, Any], training: bool = False) -> Outputs:
        mask = ops.cast(inputs["mask"], "bool")
        real = ops.cast(mask, self.compute_dtype)[..., None]  # [B, k, 1]
        values = ops.clip((inputs["features"] - self.mean) / self.scale, -MOST_INPUT, MOST_INPUT)
        vectors = ops.concatenate([values[..., self.numbers :], self.skill(inputs["skills"])], axis=-1)
        vectors = self.drop_vectors(vectors, training=training)
        own = ops.concatenate([values[..., : self.numbers], vectors], axis=-1) * real  # [B, k, P]
        given = own
        if self.forward is not None:
            state = self._state(own, mask, inputs["features"], training)  # [B, k, 2L]
            if self.context == "concat":
                given = ops.concatenate([own, state], axis=-1)
            else:
                given = state if self.project is None else self.project(own) + state
        hidden = self.hidden(given) * real  # [B, k, H]
        scores = self.score(self.drop(hidden, training=training))[..., 0]  # [B, k]
        level, slope, none = self._of_list(hidden, mask)
        fixed = ops.stop_gradient(ops.where(mask, scores, NO_SCORE))  # the order is the order loss's alone
        odds = level[:, None] + slope[:, None] * (fixed - ops.max(fixed, axis=1, keepdims=True))
        return Outputs(
            ops.where(mask, scores, NO_SCORE),
            ops.where(mask, odds, -SURE),
            ops.where(ops.any(mask, axis=1), none, SURE),
        )

    def _state(self, own: Any, mask: Any, features: Any, training: bool) -> Any:
        if self.order == "given":
            return self._read(own, mask, training)
        place = ops.argsort(ops.where(mask, -features[..., self.key], -NO_SCORE), axis=1)  # [B, k]
        state = self._read(
            ops.take_along_axis(own, place[..., None], axis=1),
            ops.take_along_axis(mask, place, axis=1),
            training,
        )
        return ops.take_along_axis(state, ops.argsort(place, axis=1)[..., None], axis=1)

    def _read(self, own: Any, mask: Any, training: bool) -> Any:
        ahead = self.forward(own, mask=mask, training=training)
        behind = ops.flip(self.backward(own, mask=mask, training=training), axis=1)
        return ops.concatenate([ahead, behind], axis=-1) * ops.cast(mask, own.dtype)[..., None]

    def _of_list(self, hidden: Any, mask: Any) -> tuple[Any, Any, Any]:
        size = ops.maximum(ops.sum(ops.cast(mask, hidden.dtype), axis=1, keepdims=True), 1.0)  # [B, 1]
        most = ops.max(ops.where(mask[..., None], hidden, NO_SCORE), axis=1)  # [B, H]
        most = ops.where(ops.any(mask, axis=1)[:, None], most, 0.0)
        pooled = ops.concatenate([ops.sum(hidden, axis=1) / size, most], axis=-1)  # [B, 2H]
        outputs = self.outputs_of_list(self.pool(pooled))  # [B, 3]
        return outputs[:, 0], ops.softplus(outputs[:, 1]), outputs[:, 2]

    def arrays(self) -> dict[str, npt.NDArray[np.float32]]:
        """The weights by name, as `components.records.hyprank.arithmetic` reads them."""
        layers = {
            "skill": self.skill,
            "project": self.project,
            "hidden": self.hidden,
            "score": self.score,
            "pool": self.pool,
            "list": self.outputs_of_list,
        }
        found = {"mean": self.mean, "scale": self.scale}
        for name, layer in layers.items():
            if layer is not None:
                found |= {f"{name}.kernel": layer.kernel, f"{name}.bias": layer.bias}
        for name, layer in (("forward", self.forward), ("backward", self.backward)):
            if layer is not None:
                cell = layer.cell
                found |= {f"{name}.kernel": cell.kernel, f"{name}.recurrent": cell.recurrent_kernel}
                found[f"{name}.bias"] = cell.bias
        return {name: np.asarray(ops.convert_to_numpy(weight), np.float32) for name, weight in found.items()}

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self.settings}


def _list_bias(shape: tuple[int, ...], dtype: Any = None) -> Any:
    """Log-odds fall by 1 a score at first: softplus(0.5413) = 1."""
    return ops.convert_to_tensor([0.0, 0.5413, 0.0], dtype=dtype)
